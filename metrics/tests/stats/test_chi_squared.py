import math
import time
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from metrics.stats.chi_squared import IndependenceTest, independence_test, sf
from metrics.stats.types import Arm, Reason
from metrics.tests.stats.oracles import (
    SMALLEST_CHECKED,
    arms,
    chi_squared_sf,
    chi_squared_sf_closed,
    properties,
    relative_error,
)

tables = st.lists(arms(), max_size=6)
usable_tables = st.lists(arms(min_visitors=1), min_size=2, max_size=6)


@pytest.mark.parametrize("df", [1e-6, 0.01, 0.7, 1, 2, 2.5, 3, 9, 31.4, 100, 999, 12345.6])
@pytest.mark.parametrize("deviations", [-5, -1, 0, 1, 1.96, 4, 10, 20, 30, 36.9])
def test_sf_matches_mpmath_down_to_1e_300(df: float, deviations: float) -> None:
    x = df * abs(1 - 2 / (9 * df) + deviations * math.sqrt(2 / (9 * df))) ** 3
    exact = chi_squared_sf(x, df)
    if exact > SMALLEST_CHECKED:
        assert relative_error(sf(x, df), exact) < 1e-12


@properties
@given(st.floats(1e-4, 500), st.floats(1e-9, 1375))
def test_sf_matches_mpmath_for_any_real_df(df: float, x: float) -> None:
    exact = chi_squared_sf(x, df)
    if exact > SMALLEST_CHECKED:
        assert relative_error(sf(x, df), exact) < 1e-12


@pytest.mark.parametrize("df", [1, 2, 3, 8, 75, 1000, 40_001])
@pytest.mark.parametrize("ratio", [0.5, 0.9, 1.0, 1.02, 1.3, 2.0])
def test_sf_for_integer_df_matches_the_closed_sum(df: int, ratio: float) -> None:
    exact = chi_squared_sf_closed(df * ratio, df)
    if exact > SMALLEST_CHECKED:
        assert relative_error(sf(df * ratio, df), exact) < 1e-12


@pytest.mark.parametrize(
    ("x", "df", "p"),
    [(3.84146, 1, 0.05), (6.63490, 1, 0.01), (9.48773, 4, 0.05), (29.5883, 10, 0.001)],
)
def test_sf_at_tabled_points_is_the_tables_level(x: float, df: int, p: float) -> None:
    # Abramowitz & Stegun, table 26.8 (percentage points of the chi-squared distribution).
    assert sf(x, df) == pytest.approx(p, rel=2e-5)


def test_sf_at_the_ends_is_exact() -> None:
    assert sf(0, 3) == 1
    assert sf(-1.0, 3) == 1
    assert sf(math.inf, 3) == 0


def test_sf_for_huge_df_answers_at_once() -> None:
    started = time.process_time()
    assert sf(1e12, 1e12) == pytest.approx(0.5, abs=1e-6)
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize("df", [0, -1, math.nan])
def test_sf_with_impossible_df_is_refused_with_the_number(df: float) -> None:
    with pytest.raises(ValueError, match=f"degrees of freedom must be .* not {df!r}"):
        sf(1.0, df)


def test_sf_of_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="not NaN"):
        sf(math.nan, 1)


def test_independence_test_on_the_aspirin_trial_gives_the_published_statistic() -> None:
    # Heart attacks, placebo against aspirin: Steering Committee of the Physicians' Health Study
    # Research Group, New England Journal of Medicine 321 (1989) 129–135; X² = 25.0 with 1 degree of
    # freedom in Agresti, Categorical Data Analysis (2nd edition, 2002).
    result = independence_test([Arm(11034, 189), Arm(11037, 104)])
    assert result.statistic == pytest.approx(25.01, abs=0.005)
    assert result.df == 1
    assert result.p_value == pytest.approx(5.69e-7, rel=1e-3)
    assert result.significant
    assert result.reason is None
    assert result.fisher_p_value is None


@properties
@given(usable_tables)
def test_independence_test_matches_scipy(table: list[Arm]) -> None:
    result = independence_test(table)
    converted = [arm.conversions for arm in table]
    stayed = [arm.visitors - arm.conversions for arm in table]
    if not any(converted) or not any(stayed):
        assert result.p_value == 1
        return
    oracle = chi2_contingency([converted, stayed], correction=False)
    assert result.df == oracle.dof
    assert result.min_expected == pytest.approx(float(oracle.expected_freq.min()), rel=1e-9)
    # scipy's own statistic cancels where the arms nearly agree; it is exact to about 1e-6 of 1.
    assert result.statistic == pytest.approx(float(oracle.statistic), rel=1e-6, abs=1e-6)


def _by_definition(table: list[Arm]) -> Fraction:
    """Σ (observed − expected)²/expected over all 2k cells, in exact arithmetic."""
    total = sum(arm.visitors for arm in table)
    share = Fraction(sum(arm.conversions for arm in table), total)
    statistic = Fraction(0)
    for arm in table:
        for observed, expected in (
            (arm.conversions, arm.visitors * share),
            (arm.visitors - arm.conversions, arm.visitors * (1 - share)),
        ):
            statistic += (observed - expected) ** 2 / expected
    return statistic


@properties
@given(usable_tables)
def test_independence_test_equals_pearsons_sum_in_exact_arithmetic(table: list[Arm]) -> None:
    result = independence_test(table)
    assert result.statistic is not None
    assert result.p_value is not None
    if result.reason in (Reason.NOBODY_CONVERTED, Reason.EVERYBODY_CONVERTED):
        return
    exact = _by_definition(table)
    assert result.statistic == pytest.approx(float(exact), rel=1e-14)
    p_value = chi_squared_sf(float(exact), len(table) - 1)
    if p_value > SMALLEST_CHECKED:
        assert relative_error(result.p_value, p_value) < 1e-9


def test_independence_test_at_billions_of_visitors_keeps_a_tiny_difference() -> None:
    table = [Arm(10**9, 500_000_000), Arm(10**9, 500_000_001)]
    assert independence_test(table).statistic == pytest.approx(float(_by_definition(table)))


@properties
@given(tables, st.randoms(use_true_random=False))
def test_independence_test_of_permuted_variants_is_the_same(
    table: list[Arm], random: Random
) -> None:
    permuted = list(table)
    random.shuffle(permuted)
    assert independence_test(permuted) == independence_test(table)


@properties
@given(tables, st.integers(0, 6))
def test_independence_test_with_an_empty_arm_more_is_the_same(table: list[Arm], at: int) -> None:
    assert independence_test([*table[:at], Arm(0, 0), *table[at:]]) == independence_test(table)


@properties
@given(usable_tables)
def test_independence_test_of_doubled_counts_doubles_the_statistic(table: list[Arm]) -> None:
    doubled = [Arm(2 * arm.visitors, 2 * arm.conversions) for arm in table]
    statistic = independence_test(table).statistic
    assert statistic is not None
    assert independence_test(doubled).statistic == pytest.approx(2 * statistic, rel=1e-14)


@properties
@given(tables)
def test_independence_test_never_raises_and_significance_follows_p(table: list[Arm]) -> None:
    result = independence_test(iter(table))
    assert result.df == max(0, sum(arm.visitors > 0 for arm in table) - 1)
    assert result.significant == (result.p_value is not None and result.p_value < 0.05)


@pytest.mark.parametrize("table", [[], [Arm(0, 0)], [Arm(9, 3)], [Arm(9, 3), Arm(0, 0)]])
def test_independence_test_with_fewer_than_two_usable_arms_has_no_p(table: list[Arm]) -> None:
    expected = IndependenceTest(None, 0, None, False, None, Reason.FEWER_THAN_TWO_ARMS, None)
    assert independence_test(table) == expected


@pytest.mark.parametrize("visitors", [1, 50, 10**12])
def test_independence_test_where_all_behaved_alike_has_p_one(visitors: int) -> None:
    nobody = independence_test([Arm(visitors, 0), Arm(3 * visitors, 0), Arm(0, 0)])
    everybody = independence_test([Arm(visitors, visitors), Arm(3 * visitors, 3 * visitors)])
    assert nobody == IndependenceTest(0.0, 1, 1.0, False, 0.0, Reason.NOBODY_CONVERTED, None)
    assert everybody == IndependenceTest(0.0, 1, 1.0, False, 0.0, Reason.EVERYBODY_CONVERTED, None)


def test_independence_test_with_a_small_expected_count_says_so_and_adds_fishers_p() -> None:
    result = independence_test([Arm(4, 3), Arm(4, 1)])
    assert result.min_expected == 2
    assert result.reason is Reason.SMALL_EXPECTED_COUNT
    assert result.fisher_p_value == pytest.approx(17 / 35, rel=1e-12)


def test_independence_test_of_three_small_arms_says_so_without_fishers_p() -> None:
    result = independence_test([Arm(4, 3), Arm(4, 1), Arm(4, 2)])
    assert result.reason is Reason.SMALL_EXPECTED_COUNT
    assert result.fisher_p_value is None


@pytest.mark.parametrize(("conversions", "significant"), [(127, False), (128, True)])
def test_independence_test_is_significant_below_five_percent(
    conversions: int, significant: bool
) -> None:
    # p is 0.057 for 127 and 0.049 for 128.
    result = independence_test([Arm(1000, 100), Arm(1000, conversions)])
    assert result.significant is significant


@pytest.mark.parametrize(("visitors", "reason"), [(10, None), (9, Reason.SMALL_EXPECTED_COUNT)])
def test_independence_test_counts_five_expected_as_enough(
    visitors: int, reason: Reason | None
) -> None:
    table = [Arm(visitors, visitors // 2), Arm(visitors, visitors - visitors // 2)]
    assert independence_test(table).reason is reason
