"""Pearson's chi-squared test: do the variants convert differently?"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from metrics.stats.checks import require_positive
from metrics.stats.fisher import two_sided_p
from metrics.stats.gamma import regularized_upper
from metrics.stats.types import Arm, Reason

SIGNIFICANT_BELOW = 0.05
# Cochran's rule of thumb for when the chi-squared approximation may be trusted.
SMALLEST_EXPECTED = 5


@dataclass(frozen=True, slots=True)
class IndependenceTest:
    """The answer of `independence_test`; None where there is nothing to compute from."""

    statistic: float | None
    df: int
    p_value: float | None
    significant: bool
    min_expected: float | None
    reason: Reason | None
    fisher_p_value: float | None


def sf(x: float, df: float) -> float:
    """How likely is a chi-squared value above x, with df degrees of freedom?

    Q(df/2, x/2), the regularized upper incomplete gamma function, for any real df > 0, and its
    closed form erfc √(x/2) for df = 1; 1 for x ≤ 0. Relative error below 1e-12 down to 1e-300.
    Raises ValueError for other df and for NaN. Source: Abramowitz & Stegun 26.4.19 and 26.4.4.
    """
    require_positive("The degrees of freedom", df)
    if math.isnan(x):
        raise ValueError("x must be a number, not NaN.")
    if x <= 0:
        return 1.0
    return math.erfc(math.sqrt(x / 2)) if df == 1 else regularized_upper(df / 2, x / 2)


def independence_test(arms: Iterable[Arm]) -> IndependenceTest:
    """Is the difference in rates larger than chance alone would make it, in arms that are alike?

    Pearson's chi-squared test of independence on the 2×k table, without continuity correction.
    Arms without visitors are dropped, and the degrees of freedom are the others less one. With
    fewer than two others there is no test (p None); where nobody or everybody converted the arms
    do not differ (statistic 0, p 1). An expected count below 5 is named as the reason for caution,
    and for two arms Fisher's exact p is supplied. `significant` is p < 0.05, right for one look
    at a planned end and for no more. Raises nothing. Sources: Pearson, Philosophical Magazine 50
    (1900) 157–175; Cochran, Biometrics 10 (1954) 417–451.
    """
    usable = [arm for arm in arms if arm.visitors]
    df = max(len(usable) - 1, 0)
    if not df:
        return IndependenceTest(None, 0, None, False, None, Reason.FEWER_THAN_TWO_ARMS, None)
    visitors = sum(arm.visitors for arm in usable)
    conversions = sum(arm.conversions for arm in usable)
    rarer = min(conversions, visitors - conversions)
    if not rarer:
        reason = Reason.EVERYBODY_CONVERTED if conversions else Reason.NOBODY_CONVERTED
        return IndependenceTest(0.0, df, 1.0, False, 0.0, reason, None)
    statistic = float(_statistic(usable, visitors, conversions))
    p_value = sf(statistic, df)
    min_expected = rarer * min(arm.visitors for arm in usable) / visitors
    small = min_expected < SMALLEST_EXPECTED
    return IndependenceTest(
        statistic=statistic,
        df=df,
        p_value=p_value,
        significant=p_value < SIGNIFICANT_BELOW,
        min_expected=min_expected,
        reason=Reason.SMALL_EXPECTED_COUNT if small else None,
        fisher_p_value=two_sided_p(*usable) if small and df == 1 else None,
    )


def two_arm_p_value(one: Arm, other: Arm) -> float:
    """Would chance alone make two arms differ so much? By Fisher's test where a count is small.

    1 where there is no test. Raises nothing.
    """
    test = independence_test((one, other))
    p_value = test.p_value if test.fisher_p_value is None else test.fisher_p_value
    return 1.0 if p_value is None else p_value


def _statistic(arms: list[Arm], visitors: int, conversions: int) -> Fraction:
    """N²/(C(N − C)) · (Σ cᵢ²/nᵢ − C²/N), exactly: the difference cancels in floats at 1e9."""
    between = sum(Fraction(arm.conversions**2, arm.visitors) for arm in arms)
    between -= Fraction(conversions**2, visitors)
    return between * Fraction(visitors**2, conversions * (visitors - conversions))
