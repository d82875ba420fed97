import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from metrics.stats.normal import cdf, quantile, sf, two_sided_p
from metrics.tests.stats.oracles import normal_sf, properties, relative_error


@properties
@given(st.floats(-37, 37))
def test_normal_tails_match_mpmath(z: float) -> None:
    assert relative_error(sf(z), normal_sf(z)) < 1e-12
    assert relative_error(cdf(z), normal_sf(-mpf(z))) < 1e-12


def test_normal_lower_tail_where_naive_formulas_answer_zero_is_kept() -> None:
    # Published to ten digits: Abramowitz & Stegun, table 26.2, -log10 Q(9) = 18.94746.
    assert -math.log10(cdf(-9.0)) == pytest.approx(18.94746, abs=5e-6)


def test_two_sided_p_at_the_classical_points_is_the_tables() -> None:
    assert two_sided_p(0.0) == 1
    assert two_sided_p(-1.959963984540054) == pytest.approx(0.05, rel=1e-14)
    assert two_sided_p(2.5758293035489004) == pytest.approx(0.01, rel=1e-14)


@properties
@given(st.floats(5e-308, 1 - 2**-53))
def test_quantile_matches_mpmath(p: float) -> None:
    z = quantile(p)
    # One Newton step of 50 digits from the answer lands on the exact quantile.
    density = mpmath.npdf(mpf(z))
    exact = mpf(z) + ((mpf(p) - normal_sf(-mpf(z))) / density)
    exact += (mpf(p) - normal_sf(-exact)) / mpmath.npdf(exact)
    assert exact == 0 or relative_error(z, exact) < 1e-11


@pytest.mark.parametrize("p", [1e-300, 1e-100, 1e-20, 0.025, 0.5 + 1e-12, 0.975])
def test_quantile_undoes_cdf(p: float) -> None:
    assert cdf(quantile(p)) == pytest.approx(p, rel=1e-11)


def test_quantile_at_the_ends_is_infinite() -> None:
    assert quantile(0) == -math.inf
    assert quantile(1) == math.inf


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_quantile_outside_zero_to_one_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match=f"between 0 and 1, not {p!r}"):
        quantile(p)


def test_normal_tail_of_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="not NaN"):
        sf(math.nan)
