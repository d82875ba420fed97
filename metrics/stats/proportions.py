"""Rates: how sure each is, and how far two lie apart."""

import math
from dataclasses import dataclass

from metrics.stats.checks import require_open_probability
from metrics.stats.chi_squared import independence_test
from metrics.stats.normal import quantile
from metrics.stats.types import Arm, Interval, Reason


@dataclass(frozen=True, slots=True)
class ProportionComparison:
    """The answer of `compare`: treatment against control, None where a figure doesn't exist.

    The difference is in shares (0.01 is one percentage point), the lift relative (0.1 is 10 %).
    """

    difference: float | None
    difference_interval: Interval | None
    lift: float | None
    lift_interval: Interval | None
    z: float | None
    p_value: float | None
    reason: Reason | None


def wilson_interval(arm: Arm, alpha: float = 0.05) -> Interval | None:
    """Between which rates does the true one lie, given this arm's visitors and conversions?

    Wilson's score interval, at confidence 1 − alpha, as shares from 0 to 1. It stays inside [0, 1]
    and does not shrink to a point where nobody or everybody converted. None without visitors.
    Raises ValueError for an alpha outside (0, 1). Source: Wilson, Journal of the American
    Statistical Association 22 (1927) 209–212.
    """
    require_open_probability("alpha", alpha)
    n, c = arm.visitors, arm.conversions
    if not n:
        return None
    z = -quantile(alpha / 2)
    spread = z * math.sqrt(z * z + 4 * c * (n - c) / n)
    middle = 2 * c + z * z
    # Both ends solve one quadratic; the lower from their product, which loses no digits at c = 1.
    lower = 2 * c * c / n / (middle + spread)
    upper = 1.0 if c == n else (middle + spread) / (2 * (n + z * z))
    return Interval(lower, upper)


def compare(control: Arm, treatment: Arm, alpha: float = 0.05) -> ProportionComparison:
    """By how much does the treatment convert better than the control, and may that be chance?

    The difference in rates with Newcombe's hybrid score interval (his method 10), the lift with
    Katz's log interval, both at confidence 1 − alpha, and the pooled two-sided z test. The lift is
    None where the control has no conversions, its interval also where the treatment has none or
    everybody converted in both; without visitors in either arm all is None. The reason says which.
    Raises ValueError for an alpha outside (0, 1). Sources: Newcombe, Statistics in Medicine 17
    (1998) 873–890; Katz, Baptista, Azen & Pike, Biometrics 34 (1978) 469–474.
    """
    around_control = wilson_interval(control, alpha)
    around_treatment = wilson_interval(treatment, alpha)
    if not (around_control and around_treatment):
        return ProportionComparison(None, None, None, None, None, None, Reason.NO_VISITORS)
    test = independence_test((control, treatment))
    # A whole number, as the difference of two nearly equal rates would lose its digits in floats.
    gap = treatment.conversions * control.visitors - control.conversions * treatment.visitors
    difference = gap / (control.visitors * treatment.visitors)
    lift = gap / (control.conversions * treatment.visitors) if control.conversions else None
    return ProportionComparison(
        difference=difference,
        difference_interval=_newcombe(
            difference, control, around_control, treatment, around_treatment
        ),
        lift=lift,
        lift_interval=_katz(control, treatment, alpha),
        z=math.copysign(math.sqrt(test.statistic or 0.0), gap),
        p_value=test.p_value,
        reason=_reason(control, treatment, test.reason),
    )


def _newcombe(
    difference: float,
    control: Arm,
    around_control: Interval,
    treatment: Arm,
    around_treatment: Interval,
) -> Interval:
    """Newcombe's method 10: each end combines the Wilson distances that point its way."""
    control_rate = control.conversions / control.visitors
    treatment_rate = treatment.conversions / treatment.visitors
    down = math.hypot(treatment_rate - around_treatment.lower, around_control.upper - control_rate)
    up = math.hypot(around_treatment.upper - treatment_rate, control_rate - around_control.lower)
    return Interval(difference - down, difference + up)


def _katz(control: Arm, treatment: Arm, alpha: float) -> Interval | None:
    """Katz's interval on the logarithm of the ratio of rates, as a lift; None without a width."""
    if not (control.conversions and treatment.conversions):
        return None
    variance = sum(
        (arm.visitors - arm.conversions) / (arm.visitors * arm.conversions)
        for arm in (control, treatment)
    )
    if not variance:
        return None
    log_ratio = math.log(treatment.conversions / treatment.visitors) - math.log(
        control.conversions / control.visitors
    )
    reach = -quantile(alpha / 2) * math.sqrt(variance)
    return Interval(math.expm1(log_ratio - reach), math.expm1(log_ratio + reach))


def _reason(control: Arm, treatment: Arm, reason: Reason | None) -> Reason | None:
    """The most telling reason: all alike, no conversions on one side, or what the test said."""
    if reason in (Reason.NOBODY_CONVERTED, Reason.EVERYBODY_CONVERTED):
        return reason
    if not control.conversions:
        return Reason.CONTROL_WITHOUT_CONVERSIONS
    if not treatment.conversions:
        return Reason.TREATMENT_WITHOUT_CONVERSIONS
    return reason
