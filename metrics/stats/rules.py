"""The rules of the verdict, in the order in which they are asked: the first answer counts."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from metrics.stats.case import Case
from metrics.stats.effect import Effect, planned_effect, watched_effect
from metrics.stats.look import Direction, Plan
from metrics.stats.outcome import Verdict
from metrics.stats.planned_look import take
from metrics.stats.sequential import TUNING_N, confidence_sequence
from metrics.stats.types import Arm, Kind, Reason

SMALLEST_VISITORS = 100
SMALLEST_CONVERSIONS = 10
SMALLEST_DAYS = 7
# The chance of any false alarm by a guardrail, beside that of a false win.
HARM_ALPHA = 0.05


def _invalid(case: Case) -> Verdict | None:
    if sum(arm.visitors > 0 for arm in case.look.arms) > 1:
        return None
    return case.verdict(Kind.INVALID, Reason.FEWER_THAN_TWO_ARMS)


def _data_problem(case: Case) -> Verdict | None:
    if not case.split.mismatch:
        return None
    return case.verdict(Kind.DATA_PROBLEM, Reason.SAMPLE_RATIO_MISMATCH)


def _too_few(case: Case) -> Verdict | None:
    for reason, count_of, need in (
        (Reason.TOO_FEW_VISITORS, attrgetter("visitors"), SMALLEST_VISITORS),
        (Reason.TOO_FEW_CONVERSIONS, attrgetter("conversions"), SMALLEST_CONVERSIONS),
    ):
        counts = [(count_of(case.look.arms[index]), index) for index in (0, *case.treatments)]
        have, subject = min(counts)
        if have < need:
            return case.verdict(Kind.COLLECTING, reason, subject=subject, have=have, need=need)
    return None


def _harm(case: Case) -> Verdict | None:
    alpha = harm_alpha(len(case.look.guardrails), len(case.treatments))
    harms = [
        (watched_effect(guardrail.arms[0], guardrail.arms[index], alpha), index, guardrail.name)
        for guardrail in case.look.guardrails
        for index, side in _sides(guardrail.arms, _ripe(guardrail.arms, case), alpha).items()
        if side == (1 if guardrail.worse is Direction.UP else -1)
    ]
    if not harms:
        return None
    effect, subject, name = min(harms, key=lambda harm: harm[0].p_value or 0.0)
    return case.verdict(
        Kind.HARM,
        Reason.GUARDRAIL_WORSE,
        is_final=True,
        subject=subject,
        effect=effect,
        guardrail=name,
    )


def _too_early(case: Case) -> Verdict | None:
    have, need = case.look.full_days, SMALLEST_DAYS
    if have >= need:
        return None
    return case.verdict(Kind.COLLECTING, Reason.TOO_FEW_DAYS, have=have, need=need)


def _while_running(case: Case) -> Verdict | None:
    if case.stored or case.is_planned_look:
        return None
    sides = _sides(case.look.arms, case.treatments, case.watching_alpha)
    better = [index for index, side in sides.items() if side > 0]
    worse = [index for index, side in sides.items() if side < 0]
    if not better and not worse:
        return None
    subject = case.highest(better) if better else case.lowest(worse)
    return case.verdict(
        Kind.EARLY_WINNER if better else Kind.EARLY_LOSER,
        Reason.SEQUENCE_EXCLUDES_ZERO,
        # Where one of several loses, the others go on.
        is_final=bool(better) or len(worse) == len(case.treatments),
        subject=subject,
        effect=case.watched(subject),
    )


def _at_planned_end(case: Case) -> Verdict | None:
    look, plan = case.stored, case.plan
    if plan and case.is_planned_look:
        look = take(case.look.arms, case.treatments, plan.planned_alpha)
    if look is None:
        return None
    effects = {index: planned_effect(look, index) for index in look.compared}
    is_open = look.kind is Kind.NO_DETECTABLE_DIFFERENCE
    subject = look.subject or max(look.compared, key=lambda i: look.arms[i].rate or 0.0)
    return case.verdict(
        look.kind,
        Reason.AT_PLANNED_END if is_open else Reason.PLANNED_TEST_REJECTS,
        planned_look=look,
        is_planned_look=case.is_planned_look,
        is_final=True,
        subject=subject,
        effect=effects[subject],
        minimum_lift_ruled_out=_rules_out(plan, effects.values()) if is_open else None,
    )


def _not_yet(case: Case) -> Verdict:
    effects = {index: case.watched(index) for index in case.treatments}
    subject = case.highest(case.treatments)
    return case.verdict(
        Kind.NO_DETECTABLE_DIFFERENCE,
        Reason.BEFORE_PLANNED_END if case.plan else Reason.WITHOUT_PLAN,
        subject=subject,
        effect=effects[subject],
        minimum_lift_ruled_out=_rules_out(case.plan, effects.values()),
    )


RULES: tuple[Callable[[Case], Verdict | None], ...] = (
    _invalid,
    _data_problem,
    _too_few,
    _harm,
    _too_early,
    _while_running,
    _at_planned_end,
    _not_yet,
)


def harm_alpha(guardrails: int, treatments: int) -> float:
    """Return the alpha of each guardrail's sequence of each treatment: an equal part of all."""
    return HARM_ALPHA / max(guardrails * treatments, 1)


def _sides(arms: Sequence[Arm], treatments: Iterable[int], alpha: float) -> dict[int, int]:
    """Where each treatment's sequence lies: 1 wholly above 0, −1 wholly below it, else 0."""
    sides = {}
    for index in treatments:
        interval = confidence_sequence(arms[0], arms[index], alpha, TUNING_N).interval
        sides[index] = (interval.lower > 0) - (interval.upper < 0) if interval else 0
    return sides


def _ripe(arms: Sequence[Arm], case: Case) -> list[int]:
    """The treatments with enough visitors and conversions for the sequence's approximation.

    One arm may have all the conversions: that nobody converts any more is a harm too.
    """
    return [
        index
        for index in case.treatments
        if min(arms[0].visitors, arms[index].visitors) >= SMALLEST_VISITORS
        and arms[0].conversions + arms[index].conversions >= SMALLEST_CONVERSIONS
    ]


def _rules_out(plan: Plan | None, effects: Iterable[Effect]) -> bool | None:
    """Whether no treatment can still have the lift that is worth having."""
    return all(effect.rules_out(plan.minimum_lift) for effect in effects) if plan else None
