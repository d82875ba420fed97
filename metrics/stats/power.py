"""Planning: how many visitors, how small an effect, how many days."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from metrics.stats.checks import (
    require_not_negative,
    require_open_probability,
    require_positive,
    require_probability,
)
from metrics.stats.normal import quantile
from metrics.stats.types import Reason

DAYS_PER_WEEK = 7


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Visitors that each arm needs: `exact` before rounding, `per_arm` rounded up."""

    exact: float | None
    per_arm: int | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class DetectableEffect:
    """The smallest effect that a sample finds; difference in shares, lift relative."""

    treatment_rate: float | None
    difference: float | None
    lift: float | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a plan takes: `exact` days before rounding, `days` in whole weeks."""

    exact: float | None
    days: int | None
    weeks: int | None
    reason: Reason | None


def sample_size(
    baseline: float, treatment_rate: float, alpha: float = 0.05, power: float = 0.8
) -> SampleSize:
    """How many visitors does each of two arms need to find this difference in rates?

    Fleiss' formula with the pooled variance under equal rates, two-sided, without continuity
    correction, as in R's power.prop.test:
    n = (z₁₋α/₂ √(2p̄q̄) + z_power √(p₁q₁ + p₂q₂))² / (p₂ − p₁)². For equal rates no number suffices
    (None). Raises ValueError for rates outside [0, 1] and unless 0 < alpha < power < 1. Source:
    Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions (3rd edition, 2003), 4.14.
    """
    require_probability("The baseline rate", baseline)
    require_probability("The treatment's rate", treatment_rate)
    z_alpha, z_power = _normal_points(alpha, power)
    if baseline == treatment_rate:
        return SampleSize(None, None, Reason.NO_EFFECT)
    exact = _fleiss(baseline, treatment_rate - baseline, z_alpha, z_power)
    return SampleSize(exact, max(1, math.ceil(exact)), None)


def minimum_detectable_effect(
    baseline: float, per_arm: float, alpha: float = 0.05, power: float = 0.8
) -> DetectableEffect:
    """What is the smallest rise over the baseline that this many visitors per arm find?

    The inverse of `sample_size` in the treatment's rate, by bisection down to neighbouring floats.
    None where not even a rate of 1 would be found; the lift is None for a baseline of 0. Raises
    ValueError for a baseline outside [0, 1], a sample not above 0, and unless
    0 < alpha < power < 1.
    """
    require_probability("The baseline rate", baseline)
    require_positive("The number of visitors per arm", per_arm)
    z_alpha, z_power = _normal_points(alpha, power)
    if baseline == 1 or _fleiss(baseline, 1 - baseline, z_alpha, z_power) > per_arm:
        return DetectableEffect(None, None, None, Reason.OUT_OF_REACH)
    too_small, found = 0.0, 1 - baseline
    while too_small < (middle := (too_small + found) / 2) < found:
        if _fleiss(baseline, middle, z_alpha, z_power) > per_arm:
            too_small = middle
        else:
            found = middle
    return DetectableEffect(baseline + found, found, found / baseline if baseline else None, None)


def days_needed(
    per_arm: int,
    visitors_per_day: float,
    weights: Sequence[float] = (1, 1),
    allocation: float = 1.0,
) -> Duration:
    """How many days must the experiment run until its smallest arm has its visitors?

    per_arm / (visitors per day · allocation · smallest share), rounded up to whole weeks, so that
    each day of the week counts equally. `weights` is the traffic split in any unit, where variants
    of weight 0 do not count; `allocation` is the share of visitors enrolled. None without traffic.
    Raises ValueError for a sample, a traffic, a split or an allocation that cannot be.
    """
    require_positive("The number of visitors per arm", per_arm)
    require_probability("The allocation", allocation)
    require_not_negative("The number of visitors per day", visitors_per_day)
    for weight in weights:
        require_not_negative("A weight", weight)
    shares = [_as_written(weight) for weight in weights if weight]
    if not shares:
        raise ValueError(f"At least one weight must be above 0, and all {len(weights)} are 0.")
    enrolled = _as_written(visitors_per_day) * _as_written(allocation)
    if not enrolled:
        return Duration(None, None, None, Reason.NO_TRAFFIC)
    smallest = enrolled * min(shares) / sum(shares)
    exact = per_arm / smallest
    weeks = math.ceil(exact / DAYS_PER_WEEK)
    return Duration(float(exact), weeks * DAYS_PER_WEEK, weeks, None)


def _normal_points(alpha: float, power: float) -> tuple[float, float]:
    require_open_probability("alpha", alpha)
    require_open_probability("The power", power)
    if power <= alpha:
        raise ValueError(f"The power must be above alpha, and {power!r} is not above {alpha!r}.")
    return -quantile(alpha / 2), quantile(power)


def _fleiss(baseline: float, difference: float, z_alpha: float, z_power: float) -> float:
    treatment_rate = baseline + difference
    pooled = baseline + difference / 2
    equal = math.sqrt(2 * pooled * (1 - pooled))
    unequal = math.sqrt(baseline * (1 - baseline) + treatment_rate * (1 - treatment_rate))
    return ((z_alpha * equal + z_power * unequal) / difference) ** 2


def _as_written(number: float) -> Fraction:
    """The decimal that was meant: 0.3 as three tenths, not as the nearest float below it."""
    return Fraction(str(number))
