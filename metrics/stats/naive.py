"""Looking at p every day: what a simulation shows it to be worth."""

from collections.abc import Sequence
from functools import lru_cache

from metrics.stats.chi_squared import SIGNIFICANT_BELOW, independence_test, sf
from metrics.stats.scenario import MOST_ARMS, Scenario, looks_of
from metrics.stats.types import Arm

# How near the limit, relative, a statistic in floats is left to the exact test.
_NEAR = 1e-6


def is_significant(arms: Sequence[Arm]) -> bool:
    """Whether the chi-squared test finds p < 0.05, in a tenth of its time.

    In floats, and by the test itself where the statistic is so near the limit, or a count so low,
    that floats might not agree with it.
    """
    visitors = conversions = 0
    for arm in arms:
        visitors += arm.visitors
        conversions += arm.conversions
    if not 0 < conversions < visitors or not all(arm.visitors for arm in arms) or len(arms) < 2:
        return independence_test(arms).significant
    rate, between = conversions / visitors, 0.0
    for arm in arms:
        between += (arm.conversions - rate * arm.visitors) ** 2 / arm.visitors
    statistic, critical = between / (rate * (1 - rate)), _critical(len(arms) - 1)
    if abs(statistic - critical) < _NEAR * critical:
        return independence_test(arms).significant
    return statistic > critical


def p_path(scenario: Scenario, number: int, *, is_planted: bool) -> tuple[float, ...]:
    """Return the overall chi-squared p at each look of a run, for a picture of how it wanders.

    1 where there is none yet. To nine digits, in which machines agree whose error functions differ
    in the last bit. Raises ValueError for a run number below 0.
    """
    tests = map(independence_test, looks_of(scenario, number, is_planted=is_planted))
    return tuple(1.0 if test.p_value is None else float(f"{test.p_value:.9g}") for test in tests)


@lru_cache(maxsize=MOST_ARMS)
def _critical(df: int) -> float:
    """The chi-squared value that is exceeded with a chance of 0.05, by bisection."""
    lower, upper = 0.0, 1000.0
    while lower < (middle := (lower + upper) / 2) < upper:
        if sf(middle, df) < SIGNIFICANT_BELOW:
            upper = middle
        else:
            lower = middle
    return upper
