import math
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chisquare

from metrics.stats.binomial import Binomial
from metrics.tests.stats.oracles import properties

DRAWS = 40_000


def draws(n: int, rate: float, count: int = DRAWS, seed: int = 1) -> list[int]:
    binomial, rng = Binomial(rate), Random(seed)
    return [binomial.draw(n, rng) for _ in range(count)]


@pytest.mark.parametrize(
    ("n", "rate"),
    [(1, 0.3), (7, 0.5), (137, 0.1), (512, 0.02), (513, 0.02), (3840, 0.12), (100_003, 0.001)],
)
def test_draws_have_the_distribution_that_scipy_knows(n: int, rate: float) -> None:
    counted = Counter(draws(n, rate))
    # Outcomes expected fewer than ten times are pooled.
    expected = {k: DRAWS * binom.pmf(k, n, rate) for k in counted}
    usual = [k for k in counted if expected[k] >= 10]
    observed = [counted[k] for k in usual]
    wanted = [expected[k] for k in usual]
    rest = DRAWS - sum(wanted)
    if rest >= 10:
        observed, wanted = [*observed, DRAWS - sum(observed)], [*wanted, rest]
    scale = sum(observed) / sum(wanted)
    assert scale == pytest.approx(1, abs=0.01)
    assert chisquare(observed, [scale * value for value in wanted]).pvalue > 1e-4


@pytest.mark.parametrize(("n", "rate"), [(40_000, 0.3), (3_000_000, 0.05), (10**9, 0.5)])
def test_large_draws_have_their_mean_and_variance(n: int, rate: float) -> None:
    found = draws(n, rate, 1000)
    mean = sum(found) / len(found)
    variance = sum((value - mean) ** 2 for value in found) / (len(found) - 1)
    assert mean == pytest.approx(n * rate, abs=5 * math.sqrt(n * rate * (1 - rate) / len(found)))
    assert variance == pytest.approx(n * rate * (1 - rate), rel=5 * math.sqrt(2 / len(found)))


@pytest.mark.parametrize(("n", "rate"), [(500, 0.004), (512, 0.5), (1 << 20, 0.3)])
def test_tables_hold_the_cumulative_distribution(n: int, rate: float) -> None:
    lowest, cumulative = Binomial(rate)._make_table(n)
    outcomes = range(lowest, lowest + len(cumulative))
    shares = [value / cumulative[-1] for value in cumulative]
    assert shares == pytest.approx(list(binom.cdf(outcomes, n, rate)), rel=0, abs=1e-11)


@properties
@given(st.integers(0, 10**7), st.floats(0, 1), st.integers(0, 99))
def test_draws_lie_between_nobody_and_everybody(n: int, rate: float, seed: int) -> None:
    drawn = Binomial(rate).draw(n, Random(seed))
    assert 0 <= drawn <= n
    assert drawn == Binomial(rate).draw(n, Random(seed))


@pytest.mark.parametrize(("rate", "expected"), [(0, 0), (1, 250)])
def test_certain_outcomes_need_no_luck(rate: float, expected: int) -> None:
    assert Binomial(rate).draw(250, Random(1)) == expected


def test_same_seed_draws_the_same_on_every_machine() -> None:
    assert draws(1000, 0.1, 8, seed=7) == [90, 93, 98, 90, 87, 81, 105, 87]


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_rate_that_cannot_be_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="The rate must lie between 0 and 1"):
        Binomial(rate)


def test_number_that_is_no_count_is_refused() -> None:
    with pytest.raises(ValueError, match="The number of visitors must be a whole number"):
        Binomial(0.5).draw(-1, Random(1))
