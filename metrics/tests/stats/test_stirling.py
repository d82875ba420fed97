import math

import mpmath
import pytest
from mpmath import mpf

from metrics.stats.stirling import deviance, log1p_excess, stirling_error
from metrics.tests.stats.oracles import relative_error


@pytest.mark.parametrize("x", [1e-6, 0.3, 1.0, 2.5, 14.999, 15.0, 15.5, 200.0, 1e6, 1e12])
def test_stirling_error_matches_log_gamma_at_fifty_digits(x: float) -> None:
    exact = mpmath.loggamma(mpf(x) + 1) - (
        (mpf(x) + 0.5) * mpmath.log(x) - x + mpmath.log(2 * mpmath.pi) / 2
    )
    assert stirling_error(x) == pytest.approx(float(exact), rel=1e-13, abs=2e-14)


@pytest.mark.parametrize("u", [-0.999, -0.51, -0.5, -0.1, -1e-9, 1e-9, 1e-3, 0.3, 1.0, 1.01, 1e6])
def test_log1p_excess_keeps_its_digits_near_zero_and_far_from_it(u: float) -> None:
    with mpmath.workdps(60):
        exact = mpf(u) - mpmath.log(1 + mpf(u))
    assert relative_error(log1p_excess(u), exact) < 2e-15


def test_log1p_excess_at_zero_is_zero() -> None:
    assert log1p_excess(0.0) == 0


def test_deviance_is_zero_where_both_agree_and_positive_elsewhere() -> None:
    assert deviance(1e9, 1e9, 0.0) == 0
    assert deviance(2.0, 6.0, 4.0) == pytest.approx(2 * math.log(1 / 3) + 4, rel=1e-15)
    assert deviance(6.0, 2.0, -4.0) == pytest.approx(6 * math.log(3) - 4, rel=1e-15)


def test_deviance_where_the_ratio_leaves_the_range_of_floats_still_answers() -> None:
    assert deviance(1e-300, 1e10, 1e10) == 1e10
    assert deviance(4.0, 5e-324, -4.0) == pytest.approx(4 * (math.log(4) + 1074 * math.log(2)) - 4)
