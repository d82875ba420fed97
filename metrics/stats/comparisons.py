"""The figures beside each treatment, which a verdict doesn't need and takes no time for."""

from dataclasses import dataclass

from metrics.stats.bayes import compare as compare_beliefs
from metrics.stats.case import treatments_of, watching_alpha
from metrics.stats.effect import Effect, planned_effect, watched_effect
from metrics.stats.look import Look, Plan
from metrics.stats.multiple import holm
from metrics.stats.planned_look import PlannedLook
from metrics.stats.proportions import compare
from metrics.stats.types import Reason


@dataclass(frozen=True, slots=True)
class Comparison:
    """One treatment against the control; None where a figure doesn't exist, and the reason.

    `index` is the treatment's place among the arms. The effect is the verdict's own. The other
    figures are right for one look at the planned end, and not safe to peek at: the pooled z test
    with its p before and after Holm, and the Bayesian ones. Losses are shares.
    """

    index: int
    effect: Effect | None = None
    minimum_lift_ruled_out: bool | None = None
    chance_to_beat_control: float | None = None
    expected_loss_treatment: float | None = None
    expected_loss_control: float | None = None
    z: float | None = None
    p_value: float | None = None
    holm_p_value: float | None = None
    reason: Reason | None = None


def compare_all(
    look: Look, plan: Plan | None = None, planned_look: PlannedLook | None = None
) -> tuple[Comparison, ...]:
    """How does each treatment compare with the control, in the order of the arms?

    Hand in the verdict's own `planned_look`: from the planned end on everything is from the counts
    that it saw. Raises ValueError for no data that can occur.
    """
    arms = planned_look.arms if planned_look else look.arms
    treatments = planned_look.compared if planned_look else treatments_of(look)
    alpha = watching_alpha(plan, len(treatments))
    tests = {
        index: compare(arms[0], arms[index])
        for index in treatments
        if arms[0].visitors and arms[index].visitors
    }
    adjusted = holm([1.0 if test.p_value is None else test.p_value for test in tests.values()])
    holm_p_values = dict(zip(tests, adjusted, strict=True))
    found = []
    for index in range(1, len(arms)):
        if index not in tests:
            found.append(Comparison(index, reason=Reason.NO_VISITORS))
            continue
        test, beliefs = tests[index], compare_beliefs(arms[0], arms[index])
        effect = (
            planned_effect(planned_look, index)
            if planned_look
            else watched_effect(arms[0], arms[index], alpha)
        )
        found.append(
            Comparison(
                index=index,
                effect=effect,
                minimum_lift_ruled_out=effect.rules_out(plan.minimum_lift) if plan else None,
                chance_to_beat_control=beliefs.chance_to_beat_control,
                expected_loss_treatment=beliefs.expected_loss_treatment,
                expected_loss_control=beliefs.expected_loss_control,
                z=test.z,
                p_value=test.p_value,
                holm_p_value=holm_p_values[index],
                reason=test.reason,
            )
        )
    return tuple(found)
