import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from metrics.stats.gamma import log_gamma, regularized_lower, regularized_upper
from metrics.tests.stats.oracles import (
    SMALLEST_CHECKED,
    chi_squared_sf_closed,
    properties,
    relative_error,
)

SHAPES = [1e-8, 0.003, 0.5, 0.999, 1.0, 3.7, 14.9, 40.0, 812.5, 9999.0]


@pytest.mark.parametrize(
    "x",
    [1e-300, 1e-9, 0.2, 0.5, 1 - 1e-9, 1 + 1e-12, 1.49, 1.5, 2 - 1e-9, 2.5, 2.51, 7.5, 1e9, 1e300],
)
def test_log_gamma_matches_mpmath_also_beside_its_zeros(x: float) -> None:
    assert relative_error(log_gamma(x), mpmath.loggamma(mpf(x))) < 1e-14


@properties
@given(st.floats(1e-12, 1e12))
def test_log_gamma_matches_mpmath_everywhere(x: float) -> None:
    exact = mpmath.loggamma(mpf(x))
    assert exact == 0 or relative_error(log_gamma(x), exact) < 1e-14


def test_log_gamma_at_its_zeros_is_zero() -> None:
    assert log_gamma(1.0) == 0
    assert log_gamma(2.0) == 0


@pytest.mark.parametrize("x", [0.0, -0.5, math.inf, math.nan])
def test_log_gamma_outside_its_domain_is_refused(x: float) -> None:
    with pytest.raises(ValueError, match="x must be a number above 0"):
        log_gamma(x)


@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("deviations", [-30, -8, -2, -0.1, 0, 0.1, 2, 8, 37])
def test_incomplete_gamma_matches_mpmath_in_both_tails(a: float, deviations: float) -> None:
    # Wilson and Hilferty's cube keeps x positive and close to the wanted tail.
    x = a * abs(1 - 1 / (9 * a) + deviations / (3 * math.sqrt(a))) ** 3
    lower = mpmath.gammainc(mpf(a), 0, mpf(x), regularized=True)
    upper = mpmath.gammainc(mpf(a), mpf(x), mpmath.inf, regularized=True)
    if lower > SMALLEST_CHECKED:
        assert relative_error(regularized_lower(a, x), lower) < 1e-12
    if upper > SMALLEST_CHECKED:
        assert relative_error(regularized_upper(a, x), upper) < 1e-12


@properties
@given(st.floats(1e-6, 300), st.floats(1e-6, 900))
def test_incomplete_gamma_matches_mpmath_everywhere(a: float, x: float) -> None:
    lower = mpmath.gammainc(mpf(a), 0, mpf(x), regularized=True)
    upper = mpmath.gammainc(mpf(a), mpf(x), mpmath.inf, regularized=True)
    if lower > SMALLEST_CHECKED:
        assert relative_error(regularized_lower(a, x), lower) < 1e-12
    if upper > SMALLEST_CHECKED:
        assert relative_error(regularized_upper(a, x), upper) < 1e-12


@pytest.mark.parametrize("a", [1_000_000, 1_000_001])
@pytest.mark.parametrize("deviations", [-2, 0, 6, 36])
def test_upper_for_shapes_in_the_millions_matches_the_closed_sum(a: int, deviations: float) -> None:
    x = a + deviations * math.sqrt(a)
    exact = chi_squared_sf_closed(2 * x, 2 * a)
    assert relative_error(regularized_upper(a, x), exact) < 1e-12
    assert relative_error(regularized_lower(a, x), 1 - exact) < 1e-9


def test_lower_for_shapes_in_the_millions_keeps_its_tail() -> None:
    # On both sides of the border between series and expansion the same law holds:
    # P(a, x) − P(a + 1, x) = xᵃ e⁻ˣ / Γ(a + 1).
    a = 1_000_000
    x = a - 30 * math.sqrt(a)
    step = mpmath.exp(a * mpmath.log(mpf(x)) - mpf(x) - mpmath.loggamma(mpf(a) + 1))
    difference = regularized_lower(a, x) - regularized_lower(a + 1, x)
    assert relative_error(difference, step) < 1e-10


@pytest.mark.parametrize("a", [1e-300, 0.4, 7.0, 1e15])
def test_incomplete_gamma_at_the_ends_is_exact(a: float) -> None:
    assert (regularized_lower(a, 0), regularized_upper(a, 0)) == (0, 1)
    assert (regularized_lower(a, math.inf), regularized_upper(a, math.inf)) == (1, 0)


def test_incomplete_gamma_far_beyond_floats_underflows_to_zero() -> None:
    assert regularized_upper(3.0, 5000.0) == 0
    assert regularized_lower(5000.0, 3.0) == 0


@properties
@given(st.floats(1e-3, 1e5), st.floats(0, 1e5))
def test_incomplete_gamma_halves_sum_to_one(a: float, x: float) -> None:
    assert regularized_lower(a, x) + regularized_upper(a, x) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("a", "x"), [(0.0, 1.0), (-1.0, 1.0), (math.inf, 1.0), (math.nan, 1.0)])
def test_incomplete_gamma_with_an_impossible_shape_is_refused(a: float, x: float) -> None:
    with pytest.raises(ValueError, match=f"shape must be a number above 0, not {a!r}"):
        regularized_upper(a, x)


@pytest.mark.parametrize("x", [-1.0, math.nan])
def test_incomplete_gamma_at_an_impossible_point_is_refused(x: float) -> None:
    with pytest.raises(ValueError, match=f"x must be 0 or more, not {x!r}"):
        regularized_lower(1.0, x)
