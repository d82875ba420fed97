"""By how much a treatment differs, in the interval that fits the moment of looking."""

from dataclasses import dataclass

from metrics.stats.planned_look import PlannedLook
from metrics.stats.proportions import compare
from metrics.stats.sequential import TUNING_N, confidence_sequence
from metrics.stats.types import Arm, Interval


@dataclass(frozen=True, slots=True)
class Effect:
    """A treatment against the control: difference in shares, lift relative; None where undefined.

    The intervals have confidence 1 − `alpha`. Where `holds_at_every_look`, they are confidence
    sequences and p is the sequence's; else they and Holm's p are of the look at the planned end.
    """

    difference: float | None
    difference_interval: Interval | None
    lift: float | None
    lift_interval: Interval | None
    p_value: float | None
    alpha: float
    holds_at_every_look: bool

    def rules_out(self, lift: float) -> bool:
        """Whether a lift so large or larger lies outside the interval."""
        return self.lift_interval is not None and self.lift_interval.upper < lift


def watched_effect(control: Arm, treatment: Arm, alpha: float) -> Effect:
    """By how much does the treatment convert better, whenever one looks?

    Confidence sequences of the difference and of the lift, with p from the former. Raises
    ValueError for an alpha outside (0, 1).
    """
    difference = confidence_sequence(control, treatment, alpha, TUNING_N)
    lift = confidence_sequence(control, treatment, alpha, TUNING_N, relative=True)
    return Effect(
        difference=difference.estimate,
        difference_interval=difference.interval,
        lift=lift.estimate,
        lift_interval=lift.interval,
        p_value=difference.p_value,
        alpha=alpha,
        holds_at_every_look=True,
    )


def planned_effect(look: PlannedLook, index: int) -> Effect:
    """By how much did the treatment convert better at the look at the planned end?

    Newcombe's and Katz's intervals at confidence 1 − alpha/m for m treatments, with Holm's p. All
    from the counts that the look saw, whatever came later.
    """
    alpha = look.alpha / max(len(look.compared), 1)
    found = compare(look.arms[0], look.arms[index], alpha)
    return Effect(
        difference=found.difference,
        difference_interval=found.difference_interval,
        lift=found.lift,
        lift_interval=found.lift_interval,
        p_value=look.holm_p_values[index - 1],
        alpha=alpha,
        holds_at_every_look=False,
    )
