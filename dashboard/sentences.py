"""Every verdict in plain words: what is known, why, and what to do next. Ready to translate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import figures
from dashboard.words import Words, words_of
from metrics.stats.effect import Effect
from metrics.stats.split_check import check_split
from metrics.stats.types import Arm, Kind, Reason
from metrics.verdicts import Judgement


@dataclass(frozen=True, slots=True)
class Statement:
    """A verdict in sentences."""

    words: Words
    headline: str
    known: str
    why: str
    next_step: str


def statement_of(judgement: Judgement) -> Statement:
    """Return what the page says about a verdict."""
    made = _BY_REASON[judgement.verdict.reason](judgement)
    return Statement(words_of(judgement), *made)


_OVERSTATED = gettext_lazy(
    "Complete the experiment with %(variant)s as the winner, or let it run on for a better "
    "estimate. This lift is likely overstated, often by half or more: whoever wins early owes part "
    "of it to luck."
)

Said = tuple[str, str, str, str]


def _nothing_to_compare(judgement: Judgement) -> Said:
    return (
        _("There is nothing to compare yet"),
        _("Visitors so far: %(visitors)s, in fewer than two variants.")
        % {"visitors": figures.count(judgement.verdict.visitors)},
        _("A comparison needs visitors in at least two variants."),
        _("See that the split gives a share to the control and to another variant, and wait."),
    )


def _data_problem(judgement: Judgement) -> Said:
    split = judgement.verdict.split
    gap = max(range(len(split.observed)), key=lambda i: abs(split.observed[i] - split.expected[i]))
    return (
        _("The visitors didn't arrive as the split asks, so the results can't be trusted"),
        _("%(variant)s has %(observed)s visitors where %(expected)s were expected.")
        % {
            "variant": judgement.variants[gap].name,
            "observed": figures.count(split.observed[gap]),
            "expected": figures.count(round(split.expected[gap])),
        },
        _gap_why(judgement) % {"p": figures.p_value(split.p_value)},
        _(
            "Don't decide by these rates; the lift is withheld. Look for a variant that breaks or "
            "loads slowly in some browsers, a redirect in one variant only, or bots. Then mend it: "
            "a change of content or split opens a new phase, which counts from zero."
        ),
    )


def _gap_why(judgement: Judgement) -> str:
    if check_split(replace(judgement.look, previous_srm_p_value=1.0)).mismatch:
        return _(
            "Chance alone makes a gap this wide in fewer than 1 of 1,000 experiments (%(p)s). "
            "Something keeps visitors of one variant from being counted, and whoever is missing "
            "may behave differently."
        )
    return _(
        "The gap has narrowed since, but on an earlier day it was wider than chance alone makes it "
        "in 1 of 1,000 experiments (%(p)s). Visitors of one variant went uncounted then, and are "
        "missing from these figures still."
    )


def _too_few(judgement: Judgement) -> Said:
    verdict, subject = judgement.verdict, judgement.subject
    parts = {
        "variant": subject.name if subject else "",
        "have": figures.count(verdict.have),
        "need": figures.count(verdict.need),
    }
    if verdict.reason is Reason.TOO_FEW_VISITORS:
        known = _("%(variant)s has %(have)s of at least %(need)s visitors.") % parts
    else:
        known = _("%(variant)s has %(have)s of at least %(need)s conversions.") % parts
    return (
        _("Still collecting"),
        known,
        _("With fewer, chance alone makes large differences; any number here would mislead."),
        _("Wait. Nothing needs to be done."),
    )


def _too_few_days(judgement: Judgement) -> Said:
    verdict = judgement.verdict
    day = judgement.phase.started_at + timedelta(days=verdict.need or 0)
    return (
        _("Still collecting"),
        _("%(have)s of %(need)s full days have passed.")
        % {"have": figures.count(verdict.have), "need": figures.count(verdict.need)},
        _("People behave differently on different days of the week. A verdict needs one of each."),
        _("Wait until %(day)s. Nothing needs to be done.") % {"day": date_format(day, _("j F"))},
    )


def _harm(judgement: Judgement) -> Said:
    effect = judgement.verdict.effect
    return (
        _("%(variant)s does harm") % _names(judgement),
        _("“%(guardrail)s” changes with %(variant)s by %(change)s (between %(interval)s).")
        % {
            **_names(judgement),
            "guardrail": judgement.verdict.guardrail,
            "change": _change(effect),
            "interval": _interval(effect),
        },
        _(
            "It is a guardrail, and its interval, which holds at every look, lies wholly on the "
            "bad side (%(p)s)."
        )
        % {"p": figures.p_value(effect.p_value if effect else None)},
        _(
            "Complete the experiment and keep the control, or take %(variant)s out of the split. "
            "Then find out why, before you try again."
        )
        % _names(judgement),
    )


def _found_early(judgement: Judgement) -> Said:
    why = _(
        "The interval that holds at every look excludes no difference (%(p)s), so you may stop "
        "without waiting for the planned end."
    )
    if judgement.plan is None:
        why = _(
            "The interval that holds at every look excludes no difference (%(p)s). There is no "
            "plan, so nothing needs to be waited for."
        )
    effect = judgement.verdict.effect
    return (
        _headline(judgement),
        _compared(judgement, judgement.look.arms),
        why % {"p": figures.p_value(effect.p_value if effect else None)},
        _next_after_finding(judgement),
    )


def _found_at_end(judgement: Judgement) -> Said:
    effect, taken = judgement.verdict.effect, judgement.verdict.planned_look
    arms = taken.arms if taken else judgement.look.arms
    return (
        _headline(judgement),
        _compared(judgement, arms),
        _("At the planned end the test, taken once, says %(p)s, below %(alpha)s.")
        % {
            "p": figures.p_value(effect.p_value if effect else None),
            "alpha": f"{taken.alpha:.3g}" if taken else figures.NOTHING,
        },
        _next_after_finding(judgement),
    )


def _next_after_finding(judgement: Judgement) -> str:
    verdict, names = judgement.verdict, _names(judgement)
    if verdict.is_lift_overstated:
        return _OVERSTATED % names
    if verdict.kind is Kind.WINNER:
        return _("Complete the experiment with %(variant)s as the winner.") % names
    if verdict.is_final:
        return _("Complete the experiment and keep %(control)s.") % names
    return _("Give %(variant)s's share to the others, or let the experiment run on.") % names


def _open(judgement: Judgement) -> Said:
    verdict, plan = judgement.verdict, judgement.plan
    known = _("The true lift of %(variant)s lies between %(interval)s.") % {
        **_names(judgement),
        "interval": _interval(verdict.effect),
    }
    if plan and verdict.minimum_lift_ruled_out:
        known += " " + _("A lift of %(lift)s, the smallest worth having, is ruled out.") % {
            "lift": figures.percent(plan.minimum_lift)
        }
    return (*_open_headline(judgement), known, *_open_why(judgement))


def _open_headline(judgement: Judgement) -> tuple[str]:
    if judgement.verdict.reason is Reason.AT_PLANNED_END:
        return (_("No detectable difference"),)
    return (_("No difference can be told so far"),)


def _open_why(judgement: Judgement) -> tuple[str, str]:
    verdict = judgement.verdict
    if verdict.reason is Reason.AT_PLANNED_END:
        return (
            _("At the planned end the test, taken once, found nothing beyond chance (%(p)s).")
            % {"p": figures.p_value(verdict.effect.p_value if verdict.effect else None)},
            _(
                "Complete the experiment and keep %(control)s, or the variant that is cheaper to "
                "keep. To find smaller lifts, plan a larger sample."
            )
            % _names(judgement),
        )
    why = _("Zero lies within the interval, which holds at every look: both signs are possible.")
    if verdict.planned_visitors is None:
        return why, _(
            "There is no plan, and so no end. Let it run until the interval is narrow enough for "
            "your decision."
        )
    missing = max(verdict.planned_visitors - verdict.visitors, 0)
    return why, _("Wait for the planned end: %(missing)s visitors to go.") % {
        "missing": figures.count(missing)
    }


_BY_REASON = {
    Reason.FEWER_THAN_TWO_ARMS: _nothing_to_compare,
    Reason.SAMPLE_RATIO_MISMATCH: _data_problem,
    Reason.TOO_FEW_VISITORS: _too_few,
    Reason.TOO_FEW_CONVERSIONS: _too_few,
    Reason.TOO_FEW_DAYS: _too_few_days,
    Reason.GUARDRAIL_WORSE: _harm,
    Reason.SEQUENCE_EXCLUDES_ZERO: _found_early,
    Reason.PLANNED_TEST_REJECTS: _found_at_end,
    Reason.AT_PLANNED_END: _open,
    Reason.BEFORE_PLANNED_END: _open,
    Reason.WITHOUT_PLAN: _open,
}


def _names(judgement: Judgement) -> dict[str, str]:
    subject = judgement.subject
    return {
        "variant": subject.name if subject else "",
        "control": judgement.variants[0].name,
    }


def _headline(judgement: Judgement) -> str:
    if judgement.verdict.kind in (Kind.EARLY_WINNER, Kind.WINNER):
        return _("%(variant)s is better than %(control)s") % _names(judgement)
    return _("%(variant)s is worse than %(control)s") % _names(judgement)


def _compared(judgement: Judgement, arms: tuple[Arm, ...]) -> str:
    """Say both rates with their n, and the lift with its interval."""
    control, treatment = arms[0], arms[judgement.verdict.subject or 0]
    return _(
        "%(rate)s of %(visitors)s visitors convert with %(variant)s, and %(control_rate)s of "
        "%(control_visitors)s with %(control)s: a lift of %(lift)s (between %(interval)s)."
    ) % {
        **_names(judgement),
        "rate": figures.percent(treatment.rate),
        "visitors": figures.count(treatment.visitors),
        "control_rate": figures.percent(control.rate),
        "control_visitors": figures.count(control.visitors),
        "lift": _change(judgement.verdict.effect),
        "interval": _interval(judgement.verdict.effect),
    }


def _change(effect: Effect | None) -> str:
    """Return the lift, or the difference in points where there is no lift."""
    if effect is None:
        return figures.NOTHING
    if effect.lift is None:
        return figures.signed_points(effect.difference)
    return figures.signed_percent(effect.lift)


def _interval(effect: Effect | None) -> str:
    if effect is None:
        return figures.NOTHING
    if effect.lift_interval:
        lower, upper = figures.lift_ends(effect.lift_interval)
    elif effect.difference_interval:
        lower, upper = figures.points_ends(effect.difference_interval)
    else:
        return figures.NOTHING
    return _("%(lower)s and %(upper)s") % {"lower": lower, "upper": upper}
