"""Numeric goals: do the visitors' mean values differ?"""

import math
from dataclasses import dataclass

from metrics.stats.checks import require_open_probability
from metrics.stats.student import t_quantile, t_two_sided_p
from metrics.stats.types import Interval, Reason, Sample


@dataclass(frozen=True, slots=True)
class WelchTest:
    """The answer of `welch_test`, treatment against control, in the unit of the values."""

    t: float | None
    df: float | None
    p_value: float | None
    difference: float | None
    interval: Interval | None
    reason: Reason | None


def welch_test(control: Sample, treatment: Sample, alpha: float = 0.05) -> WelchTest:
    """By how much does the treatment's mean value differ, and may that be chance?

    Welch's t test for unequal variances, two-sided, with Satterthwaite's degrees of freedom, and
    the interval of the difference at confidence 1 − alpha. With fewer than two values in an arm, or
    where neither arm varies, there is no test: t, df, p and interval are None, and the difference
    too where an arm has no value at all. Raises ValueError for an alpha outside (0, 1). Sources:
    Welch, Biometrika 34 (1947) 28–35; Satterthwaite, Biometrics Bulletin 2 (1946) 110–114.
    """
    require_open_probability("alpha", alpha)
    if not (control.n and treatment.n):
        return WelchTest(None, None, None, None, None, Reason.NO_VISITORS)
    difference = treatment.mean - control.mean
    if min(control.n, treatment.n) < 2:
        return WelchTest(None, None, None, difference, None, Reason.TOO_FEW_VALUES)
    largest = max(control.variance, treatment.variance)
    if not largest:
        return WelchTest(None, None, None, difference, None, Reason.NO_VARIANCE)
    # In units of the larger variance, whose square would leave the range of floats.
    parts = [(arm.variance / largest / arm.n, arm.n - 1) for arm in (control, treatment)]
    total = sum(part for part, _ in parts)
    df = total**2 / sum(part**2 / freedom for part, freedom in parts)
    error = math.sqrt(largest) * math.sqrt(total)
    reach = -t_quantile(alpha / 2, df) * error
    return WelchTest(
        t=difference / error,
        df=df,
        p_value=t_two_sided_p(difference / error, df),
        difference=difference,
        interval=Interval(difference - reach, difference + reach),
        reason=None,
    )
