"""The rules of the verdict, in the order in which they are asked: the first answer counts."""

from collections.abc import Callable, Iterable, Sequence

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
    arms = {index: case.look.arms[index] for index in (0, *case.treatments)}
    visitors = {index: arm.visitors for index, arm in arms.items()}
    conversions = {index: arm.conversions for index, arm in arms.items()}
    for reason, counts, need in (
        (Reason.TOO_FEW_VISITORS, visitors, SMALLEST_VISITORS),
        (Reason.TOO_FEW_CONVERSIONS, conversions, SMALLEST_CONVERSIONS),
    ):
        subject = min(counts, key=counts.__getitem__)
        have = counts[subject]
        if have < need:
            return case.verdict(Kind.COLLECTING, reason, subject=subject, have=have, need=need)
    return None


def _harm(case: Case) -> Verdict | None:
    alpha = HARM_ALPHA / max(len(case.look.guardrails) * len(case.treatments), 1)
    harms = [
        (watched_effect(guardrail.arms[0], guardrail.arms[index], alpha), index, guardrail.name)
        for guardrail in case.look.guardrails
        for index in _beyond_zero(
            _ripe(guardrail.arms, case.treatments),
            guardrail.arms,
            alpha,
            1 if guardrail.worse is Direction.UP else -1,
        )
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
    for kind, side in ((Kind.EARLY_WINNER, 1), (Kind.EARLY_LOSER, -1)):
        found = _beyond_zero(case.treatments, case.look.arms, case.watching_alpha, side)
        if found:
            subject = _farthest(found, case.look.arms, side)
            return case.verdict(
                kind,
                Reason.SEQUENCE_EXCLUDES_ZERO,
                # Where one of several loses, the others go on.
                is_final=side > 0 or len(found) == len(case.treatments),
                subject=subject,
                effect=case.watched(subject),
            )
    return None


def _at_planned_end(case: Case) -> Verdict | None:
    look, plan = case.stored, case.plan
    if plan and case.is_planned_look:
        look = take(case.look.arms, case.treatments, plan.planned_alpha)
    if look is None:
        return None
    effects = {index: planned_effect(look, index) for index in look.compared}
    is_open = look.kind is Kind.NO_DETECTABLE_DIFFERENCE
    subject = look.subject or _farthest(look.compared, look.arms, 1)
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
    subject = _farthest(case.treatments, case.look.arms, 1)
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


def _beyond_zero(
    treatments: Iterable[int], arms: Sequence[Arm], alpha: float, side: int
) -> list[int]:
    """The treatments whose sequence lies wholly above 0, for a side of 1, or below it, for −1."""
    found = []
    for index in treatments:
        interval = confidence_sequence(arms[0], arms[index], alpha, TUNING_N).interval
        if interval and (interval.lower > 0 if side > 0 else interval.upper < 0):
            found.append(index)
    return found


def _ripe(arms: Sequence[Arm], treatments: Iterable[int]) -> list[int]:
    """The treatments with enough visitors and conversions for the sequence's approximation.

    One arm may have all the conversions: that nobody converts any more is a harm too.
    """
    return [
        index
        for index in treatments
        if min(arms[0].visitors, arms[index].visitors) >= SMALLEST_VISITORS
        and arms[0].conversions + arms[index].conversions >= SMALLEST_CONVERSIONS
    ]


def _farthest(treatments: Iterable[int], arms: Sequence[Arm], side: int) -> int:
    """The treatment with the highest rate, for a side of 1, or the lowest one, for −1."""
    return max(treatments, key=lambda index: side * (arms[index].rate or 0.0))


def _rules_out(plan: Plan | None, effects: Iterable[Effect]) -> bool | None:
    """Whether no treatment can still have the lift that is worth having."""
    return all(effect.rules_out(plan.minimum_lift) for effect in effects) if plan else None
