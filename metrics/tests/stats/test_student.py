import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from scipy import stats

from metrics.stats.normal import quantile, two_sided_p
from metrics.stats.student import t_quantile, t_two_sided_p
from metrics.tests.stats.oracles import (
    SMALLEST_CHECKED,
    properties,
    relative_error,
)
from metrics.tests.stats.oracles import t_two_sided_p as exact_two_sided_p


@pytest.mark.parametrize("df", [0.1, 0.5, 1, 2, 3.7, 10, 17.776, 30, 120, 999.5])
@pytest.mark.parametrize("t", [1e-3, 0.4, 1.0, 1.96, 5, 37, 1e4, 2e9, 1e100, 1e299])
def test_two_sided_p_matches_mpmath_in_the_tails(t: float, df: float) -> None:
    exact = exact_two_sided_p(t, df)
    if exact > SMALLEST_CHECKED:
        assert relative_error(t_two_sided_p(t, df), exact) < 1e-11
        assert t_two_sided_p(-t, df) == t_two_sided_p(t, df)


@pytest.mark.parametrize(
    ("p", "df", "t"),
    [
        (0.975, 1, 12.706),
        (0.975, 10, 2.228),
        (0.995, 5, 4.032),
        (0.95, 30, 1.697),
        (0.9995, 4, 8.610),
    ],
)
def test_quantile_is_the_published_table(p: float, df: int, t: float) -> None:
    # Abramowitz & Stegun, table 26.10 (percentage points of the t distribution).
    assert t_quantile(p, df) == pytest.approx(t, abs=5e-4)
    assert t_two_sided_p(t, df) == pytest.approx(2 * (1 - p), rel=2e-3)


@properties
@given(st.floats(0.3, 400), st.floats(1e-250, 1 - 2**-53).filter(lambda p: p != 0.5))
def test_quantile_is_where_mpmath_finds_the_share(df: float, p: float) -> None:
    t = abs(t_quantile(p, df))
    if math.isinf(t):
        return
    tail = 2 * min(mpf(p), 1 - mpf(p))
    below, above = mpf(t) * (1 - mpf("1e-11")), mpf(t) * (1 + mpf("1e-11"))
    assert exact_two_sided_p(above, df) < tail < exact_two_sided_p(below, df)


@pytest.mark.parametrize(("p", "df"), [(6.7e-308, 245.0), (1.2e-302, 457.6)])
def test_quantile_where_a_step_lands_beyond_the_smallest_float_comes_back(
    p: float, df: float
) -> None:
    t = mpf(t_quantile(p, df))
    assert exact_two_sided_p(t * (1 + 1e-11), df) < 2 * mpf(p)
    assert exact_two_sided_p(t * (1 - 1e-11), df) > 2 * mpf(p)


@pytest.mark.parametrize("df", [0.02, 1, 2, 50, 1e7])
@pytest.mark.parametrize("p", [1e-300, 1e-9, 0.1, 0.2499, 0.25, 0.26, 0.5 - 1e-13])
def test_quantile_is_undone_by_the_two_sided_p(p: float, df: float) -> None:
    t = t_quantile(p, df)
    assert t < 0
    assert t_quantile(0.5 + (0.5 - p), df) == pytest.approx(-t, rel=1e-9) or p < 1e-6
    if math.isfinite(t):
        assert t_two_sided_p(t, df) == pytest.approx(2 * p, rel=1e-11)


@pytest.mark.parametrize("p", [1e-12, 0.03, 0.4, 0.6, 0.975])
def test_quantile_in_closed_form_for_one_and_two_degrees_of_freedom(p: float) -> None:
    assert t_quantile(p, 1) == pytest.approx(-1 / math.tan(math.pi * p), rel=1e-11)
    assert t_quantile(p, 2) == pytest.approx((2 * p - 1) / math.sqrt(2 * p * (1 - p)), rel=1e-11)


@pytest.mark.parametrize("df", [1e8, 1e13])
@pytest.mark.parametrize("z", [1e-9, 0.5, 2.0, 8.0])
def test_student_with_huge_df_is_normal(z: float, df: float) -> None:
    assert t_two_sided_p(z, df) == pytest.approx(two_sided_p(z), rel=100 * (1 + z**4) / df)
    assert t_quantile(0.975, df) == pytest.approx(quantile(0.975), rel=10 / df + 1e-14)


@pytest.mark.parametrize(("t", "df"), [(2.2, 1e5), (25.0, 1e6), (0.001, 3e7)])
def test_two_sided_p_at_large_df_matches_scipy(t: float, df: float) -> None:
    assert t_two_sided_p(t, df) == pytest.approx(2 * stats.t.sf(t, df), rel=1e-9)


def test_student_at_the_ends_is_exact() -> None:
    assert t_two_sided_p(0, 3) == 1
    assert t_two_sided_p(1e-200, 3) == 1
    assert t_two_sided_p(math.inf, 3) == 0
    assert t_quantile(0.5, 3) == 0
    assert (t_quantile(0, 3), t_quantile(1, 3)) == (-math.inf, math.inf)
    assert t_quantile(1e-300, 0.01) == -math.inf


@pytest.mark.parametrize("df", [0, -2, math.nan, math.inf])
def test_student_with_impossible_df_is_refused_with_the_number(df: float) -> None:
    with pytest.raises(ValueError, match=f"degrees of freedom must be .* not {df!r}"):
        t_two_sided_p(1.0, df)
    with pytest.raises(ValueError, match=f"degrees of freedom must be .* not {df!r}"):
        t_quantile(0.3, df)


def test_student_of_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not NaN"):
        t_two_sided_p(math.nan, 3)
    with pytest.raises(ValueError, match=r"between 0 and 1, not 1\.2"):
        t_quantile(1.2, 3)
