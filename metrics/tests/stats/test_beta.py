import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from metrics.stats.beta import beta_quantile, regularized_incomplete_beta
from metrics.tests.stats.oracles import (
    SMALLEST_CHECKED,
    beta_cdf,
    binomial_tail,
    properties,
    relative_error,
)

shapes = st.floats(1e-3, 300)


@pytest.mark.parametrize(
    ("boys", "girls", "published"), [(251_527, 241_945, 1.15e-42), (9, 5, 0.1509)]
)
def test_incomplete_beta_gives_laplaces_chance_that_girls_are_likelier(
    boys: int, girls: int, published: float
) -> None:
    # Births in Paris 1745–1770: Laplace, Mémoire sur les probabilités (1781), who found 1.15e-42.
    # The second row is a closed sum of binomial coefficients, ½¹⁵ · Σ C(15, k) for k ≤ 5.
    share = regularized_incomplete_beta(boys + 1, girls + 1, 0.5)
    assert share == pytest.approx(published, rel=5e-3)
    assert relative_error(share, binomial_tail(boys + girls + 1, 0.5, boys + 1)) < 1e-11


@properties
@given(shapes, shapes, st.floats(1e-30, 1 - 2**-53))
def test_incomplete_beta_matches_mpmath(a: float, b: float, x: float) -> None:
    exact = beta_cdf(a, b, x)
    if exact > SMALLEST_CHECKED:
        assert relative_error(regularized_incomplete_beta(a, b, x), exact) < 1e-11


@pytest.mark.parametrize(
    ("a", "b"),
    [(10_000, 10_000), (50, 10**9), (10**9, 50), (10**5, 3 * 10**6), (10**6, 10**6)],
)
@pytest.mark.parametrize("deviations", [-36, -6, -3])
def test_incomplete_beta_at_large_counts_keeps_its_tail(a: int, b: int, deviations: int) -> None:
    mean = a / (a + b)
    x = mean + deviations * math.sqrt(mean * (1 - mean) / (a + b))
    if x <= 0:
        x = mean / 10
    exact = binomial_tail(a + b - 1, x, a)
    assert relative_error(regularized_incomplete_beta(a, b, x), exact) < 1e-11


@properties
@given(shapes, shapes, st.integers(1, 2**20 - 1))
def test_incomplete_beta_of_mirrored_shapes_is_the_rest(
    a: float, b: float, twentieths: int
) -> None:
    x = twentieths / 2**20
    both = regularized_incomplete_beta(a, b, x) + regularized_incomplete_beta(b, a, 1 - x)
    assert both == pytest.approx(1, abs=1e-13)


def test_incomplete_beta_at_the_ends_is_exact() -> None:
    assert regularized_incomplete_beta(2.5, 7, 0) == 0
    assert regularized_incomplete_beta(2.5, 7, 1) == 1


def test_incomplete_beta_beside_the_mean_of_a_billion_answers_at_once() -> None:
    started = time.process_time()
    share = regularized_incomplete_beta(5e8, 5e8, 0.5)
    assert time.process_time() - started < 0.5
    assert share == pytest.approx(0.5, rel=1e-12)


@properties
@given(shapes, shapes, st.floats(1e-300, 1 - 2**-53))
def test_quantile_is_where_mpmath_finds_the_share(a: float, b: float, p: float) -> None:
    x = beta_quantile(a, b, p)
    if not 1e-300 < x < 1 - 1e-9:
        return
    below, above = beta_cdf(a, b, x * (1 - 1e-11)), beta_cdf(a, b, x * (1 + 1e-11))
    assert below < mpf(p) < above


@pytest.mark.parametrize(("a", "b"), [(1e9, 1e9), (3e4, 1e9), (1e9, 300.0), (2.0, 1e9)])
@pytest.mark.parametrize("p", [1e-300, 1e-12, 0.025, 0.5, 0.975, 0.9999])
def test_quantile_at_large_counts_lies_where_the_share_is_passed(
    a: float, b: float, p: float
) -> None:
    x = beta_quantile(a, b, p)
    below = regularized_incomplete_beta(a, b, x * (1 - 1e-11))
    assert below < p < regularized_incomplete_beta(a, b, x * (1 + 1e-11))


@pytest.mark.parametrize(
    ("a", "b", "p", "x"),
    [
        (1.0, 1.0, 0.3, 0.3),
        (1.0, 1.0, 1e-300, 1e-300),
        (2.0, 1.0, 1e-200, 1e-100),
        (1.0, 3.0, 1 - 0.9**3, 0.1),
        (0.5, 0.5, 0.25, math.sin(math.pi / 8) ** 2),
        (1e-3, 1.0, 1e-5, 0.0),
    ],
)
def test_quantile_in_closed_form(a: float, b: float, p: float, x: float) -> None:
    assert beta_quantile(a, b, p) == pytest.approx(x, rel=1e-12)


def test_quantile_at_the_ends_is_exact() -> None:
    assert beta_quantile(3, 4, 0) == 0
    assert beta_quantile(3, 4, 1) == 1
    assert beta_quantile(1.0, 1e-3, 1 - 1e-5) == 1


@pytest.mark.parametrize(("a", "b"), [(0, 1), (1, -2), (math.nan, 1), (1, math.inf)])
def test_beta_with_impossible_shapes_is_refused(a: float, b: float) -> None:
    with pytest.raises(ValueError, match=r"The shape [ab] must be a number above 0, not"):
        regularized_incomplete_beta(a, b, 0.5)
    with pytest.raises(ValueError, match=r"The shape [ab] must be a number above 0, not"):
        beta_quantile(a, b, 0.5)


@pytest.mark.parametrize("share", [-0.1, 1.5, math.nan])
def test_beta_outside_zero_to_one_is_refused_with_the_number(share: float) -> None:
    with pytest.raises(ValueError, match=f"x must lie between 0 and 1, not {share!r}"):
        regularized_incomplete_beta(1, 1, share)
    with pytest.raises(ValueError, match=f"p must lie between 0 and 1, not {share!r}"):
        beta_quantile(1, 1, share)
