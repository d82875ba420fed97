"""An interval that holds at every look, so that looking daily costs nothing but width."""

import math
from dataclasses import dataclass

from metrics.stats.checks import (
    require_open_probability,
    require_positive,
    require_probability,
)
from metrics.stats.types import Arm, Interval, Reason

TUNING_N = 5_000


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """The answer of `confidence_sequence` at one look, treatment against control.

    Estimate and interval are shares (0.01 is one percentage point), or a lift (0.1 is 10 %) where
    that was asked for. The e-value is the evidence against equal rates; 1 is none.
    """

    estimate: float | None
    interval: Interval | None
    log_e_value: float | None
    p_value: float | None
    reason: Reason | None


def confidence_sequence(
    control: Arm,
    treatment: Arm,
    alpha: float = 0.05,
    tuning_n: float = TUNING_N,
    relative: bool = False,
    previous_p_value: float = 1.0,
) -> ConfidenceSequence:
    """By how much does the treatment convert better, if one may look at any time and stop?

    The asymptotic confidence sequence of Waudby-Smith et al., of the difference in rates or, if
    `relative`, of the lift: over all looks together the true value is missed with a chance of at
    most alpha, once a few hundred visitors have come. `tuning_n` is the number of visitors, both
    arms together, at which it is narrowest. The p-value is the smaller of 1/e-value and
    `previous_p_value`, so it never rises over looks. All is None without visitors, and for a lift
    without conversions of the control; interval, e-value and p are None where the variance is 0, as
    when nobody converted. Raises ValueError for settings that cannot be. Source: Waudby-Smith,
    Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and asymptotic confidence
    sequences", Annals of Statistics 52 (2024), theorem 2.2.
    """
    require_open_probability("alpha", alpha)
    require_positive("The tuning number of visitors", tuning_n)
    require_probability("The previous p-value", previous_p_value)
    if not (control.visitors and treatment.visitors):
        return ConfidenceSequence(None, None, None, None, Reason.NO_VISITORS)
    if relative and not control.conversions:
        return ConfidenceSequence(None, None, None, None, Reason.CONTROL_WITHOUT_CONVERSIONS)
    estimate, variance = _estimate(control, treatment, relative)
    if not variance:
        return ConfidenceSequence(estimate, None, None, None, Reason.NO_VARIANCE)
    growth = (control.visitors + treatment.visitors) * _per_visitor(alpha) / tuning_n
    log_growth = math.log1p(growth)
    squared_z = estimate**2 / variance
    log_e_value = squared_z * growth / (2 * (1 + growth)) - log_growth / 2
    reach = math.sqrt(variance * (1 + growth) / growth * (log_growth - 2 * math.log(alpha)))
    return ConfidenceSequence(
        estimate=estimate,
        interval=Interval(estimate - reach, estimate + reach),
        log_e_value=log_e_value,
        p_value=min(previous_p_value, math.exp(-max(log_e_value, 0.0))),
        reason=None,
    )


def _estimate(control: Arm, treatment: Arm, relative: bool) -> tuple[float, float]:
    """The difference or the lift, and its variance; the lift's by the delta method.

    Whole numbers until one division each: the difference of two rates would lose digits in floats.
    """
    gap = treatment.conversions * control.visitors - control.conversions * treatment.visitors
    difference = gap / (control.visitors * treatment.visitors)
    control_variance, treatment_variance = _variance_of_rate(control), _variance_of_rate(treatment)
    if not relative:
        return difference, control_variance + treatment_variance
    base = control.conversions / control.visitors
    ratio = treatment.conversions * control.visitors / (control.conversions * treatment.visitors)
    lift = gap / (control.conversions * treatment.visitors)
    return lift, (treatment_variance + control_variance * ratio**2) / base**2


def _variance_of_rate(arm: Arm) -> float:
    return arm.conversions * (arm.visitors - arm.conversions) / arm.visitors**3


def _per_visitor(alpha: float) -> float:
    """The ρ² that makes the interval narrowest at one visitor, in the paper's approximation."""
    return -2 * math.log(alpha) + math.log1p(-2 * math.log(alpha))
