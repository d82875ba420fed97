import math
from fractions import Fraction
from random import Random
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from scipy.stats import chisquare

from metrics.stats.srm import sample_ratio_test, sequential_sample_ratio_test
from metrics.stats.types import Reason
from metrics.tests.stats.oracles import (
    SMALLEST_CHECKED,
    chi_squared_sf,
    properties,
    relative_error,
)

weighted = st.lists(
    st.tuples(st.integers(0, 10**9), st.integers(1, 100)), min_size=2, max_size=5
).filter(lambda rows: any(count for count, _ in rows))


def exact_log_bayes_factor(observed: list[int], weights: list[int], concentration: float) -> Any:
    """The definition at 50 digits: ln B(cw + n) − ln B(cw) − Σ nᵢ ln wᵢ."""

    def log_beta(values: list[Any]) -> Any:
        return sum(mpmath.loggamma(v) for v in values) - mpmath.loggamma(sum(values))

    shares = [mpf(weight) / sum(weights) for weight in weights]
    prior = [concentration * share for share in shares]
    posterior = [before + count for before, count in zip(prior, observed, strict=True)]
    likelihood = sum(n * mpmath.log(w) for n, w in zip(observed, shares, strict=True))
    return log_beta(posterior) - log_beta(prior) - likelihood


def test_sample_ratio_test_flags_the_published_mismatch() -> None:
    # Kohavi, Tang & Xu, Trustworthy Online Controlled Experiments (2020), chapter 21, scenario 1:
    # 821,588 against 815,482 users by a design of 50/50, p = 1.8e-6.
    result = sample_ratio_test([821_588, 815_482], [50, 50])
    assert result.p_value == pytest.approx(1.8e-6, abs=5e-8)
    assert result.mismatch
    assert result.expected == (818_535, 818_535)


def test_sample_ratio_test_agrees_with_mendels_peas() -> None:
    # Mendel's round and wrinkled, yellow and green peas, expected 9 : 3 : 3 : 1, with χ² = 0.47 in
    # Fisher, "Has Mendel's work been rediscovered?", Annals of Science 1 (1936) 115–137.
    result = sample_ratio_test([315, 108, 101, 32], [9, 3, 3, 1])
    assert result.statistic == pytest.approx(0.470, abs=5e-4)
    assert result.df == 3
    assert result.p_value == pytest.approx(0.925, abs=5e-4)
    assert not result.mismatch


@properties
@given(weighted)
def test_sample_ratio_test_matches_scipy_and_exact_arithmetic(rows: list[tuple[int, int]]) -> None:
    observed, weights = [list(column) for column in zip(*rows, strict=True)]
    result = sample_ratio_test(observed, weights)
    total = sum(observed)
    expected = [Fraction(total * weight, sum(weights)) for weight in weights]
    statistic = sum((n - e) ** 2 / e for n, e in zip(observed, expected, strict=True))
    assert result.expected == pytest.approx([float(e) for e in expected], rel=1e-15)
    assert result.statistic == pytest.approx(float(statistic), rel=1e-14)
    oracle = chisquare(observed, [float(e) for e in expected])
    assert result.statistic == pytest.approx(oracle.statistic, rel=1e-9, abs=1e-9)
    assert result.p_value is not None
    p_value = chi_squared_sf(float(statistic), len(rows) - 1)
    if p_value > SMALLEST_CHECKED:
        assert relative_error(result.p_value, p_value) < 1e-9
    assert result.mismatch == (result.p_value < 0.001)


@properties
@given(weighted, st.floats(1, 1e6))
def test_sequential_bayes_factor_matches_its_definition_at_fifty_digits(
    rows: list[tuple[int, int]], concentration: float
) -> None:
    observed, weights = [list(column) for column in zip(*rows, strict=True)]
    result = sequential_sample_ratio_test(observed, weights, concentration)
    exact = exact_log_bayes_factor(observed, weights, concentration)
    assert result.log_bayes_factor == pytest.approx(float(exact), rel=1e-12, abs=1e-12)
    p_value = min(mpf(1), mpmath.exp(-exact))
    if p_value > SMALLEST_CHECKED:
        assert result.p_value is not None
        assert relative_error(result.p_value, p_value) < 1e-9


def test_sequential_bayes_factor_is_the_product_of_one_visitor_predictions() -> None:
    # Lindon & Malek (2022), equation 5: each visitor multiplies the factor by the predicted over
    # the planned share of the arm that the visitor entered.
    split, arrivals = [Fraction(1, 5), Fraction(4, 5)], [0, 1, 1, 0, 0, 1, 0]
    seen, factor = [0, 0], Fraction(1)
    for arm in arrivals:
        factor *= (10 * split[arm] + seen[arm]) / (10 + sum(seen)) / split[arm]
        seen[arm] += 1
    result = sequential_sample_ratio_test(seen, [20, 80], concentration=10)
    assert result.log_bayes_factor == pytest.approx(math.log(factor), rel=1e-13)


def test_sequential_test_flags_the_published_mismatch_and_leaves_a_fair_split_alone() -> None:
    assert sequential_sample_ratio_test([821_588, 815_482], [50, 50]).mismatch
    assert not sequential_sample_ratio_test([818_600, 818_470], [50, 50]).mismatch


@pytest.mark.parametrize(("surplus", "mismatch"), [(164, False), (166, True)])
def test_sample_ratio_is_a_mismatch_below_one_in_a_thousand(surplus: int, mismatch: bool) -> None:
    # p is 0.00104 for 164 and 0.00090 for 166.
    assert sample_ratio_test([5000 + surplus, 5000 - surplus], [1, 1]).mismatch is mismatch


@pytest.mark.parametrize(("surplus", "mismatch"), [(2157, False), (2158, True)])
def test_sequential_test_is_a_mismatch_below_one_in_a_thousand(
    surplus: int, mismatch: bool
) -> None:
    # p is 0.001002 for 2157 and 0.000994 for 2158.
    counts = [500_000 + surplus, 500_000 - surplus]
    assert sequential_sample_ratio_test(counts, [1, 1]).mismatch is mismatch


@properties
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=30))
def test_sequential_p_never_rises_over_looks(days: list[tuple[int, int]]) -> None:
    first = second = 0
    p_value = 1.0
    for more_first, more_second in days:
        first, second = first + more_first, second + more_second
        result = sequential_sample_ratio_test([first, second], [1, 1], previous_p_value=p_value)
        assert result.p_value is not None
        assert result.p_value <= p_value
        p_value = result.p_value


@properties
@given(weighted, st.randoms(use_true_random=False))
def test_sample_ratio_tests_of_permuted_variants_are_the_same(
    rows: list[tuple[int, int]], random: Random
) -> None:
    permuted = list(rows)
    random.shuffle(permuted)
    observed, weights = [list(column) for column in zip(*rows, strict=True)]
    observed_too, weights_too = [list(column) for column in zip(*permuted, strict=True)]
    plain = sample_ratio_test(observed, weights)
    assert sample_ratio_test(observed_too, weights_too).p_value == plain.p_value
    sequential = sequential_sample_ratio_test(observed, weights)
    assert sequential.log_bayes_factor == pytest.approx(
        sequential_sample_ratio_test(observed_too, weights_too).log_bayes_factor,
        rel=1e-12,
        abs=1e-12,
    )


def test_variant_of_weight_zero_without_visitors_changes_nothing() -> None:
    plain, with_unused = (
        sample_ratio_test([60, 40], [50, 50]),
        sample_ratio_test([60, 0, 40], [50, 0, 50]),
    )
    assert (with_unused.p_value, with_unused.df) == (plain.p_value, plain.df)
    assert sequential_sample_ratio_test([60, 0, 40], [50, 0, 50]) == sequential_sample_ratio_test(
        [60, 40], [50, 50]
    )


def test_visitors_in_a_variant_of_weight_zero_are_a_mismatch() -> None:
    result = sample_ratio_test([60, 1, 40], [50, 0, 50])
    assert (result.p_value, result.mismatch) == (0, True)
    assert result.reason is Reason.VISITORS_WITHOUT_WEIGHT
    sequential = sequential_sample_ratio_test([60, 1, 40], [50, 0, 50])
    assert (sequential.p_value, sequential.mismatch) == (0, True)
    assert sequential.reason is Reason.VISITORS_WITHOUT_WEIGHT


@pytest.mark.parametrize(("observed", "weights"), [([], []), ([7], [100]), ([7, 0], [100, 0])])
def test_sample_ratio_of_fewer_than_two_weighted_variants_has_no_p(
    observed: list[int], weights: list[int]
) -> None:
    for result in (
        sample_ratio_test(observed, weights),
        sequential_sample_ratio_test(observed, weights),
    ):
        assert (result.p_value, result.mismatch) == (None, False)
        assert result.reason is Reason.FEWER_THAN_TWO_ARMS


def test_sample_ratio_without_visitors_says_so() -> None:
    result = sample_ratio_test([0, 0], [50, 50])
    assert (result.p_value, result.mismatch, result.reason) == (None, False, Reason.NO_VISITORS)
    sequential = sequential_sample_ratio_test([0, 0], [50, 50], previous_p_value=0.4)
    assert (sequential.log_bayes_factor, sequential.p_value) == (0, 0.4)
    assert sequential.reason is Reason.NO_VISITORS


def test_sample_ratio_with_few_expected_says_so() -> None:
    assert sample_ratio_test([9, 1], [90, 10]).reason is Reason.SMALL_EXPECTED_COUNT


@pytest.mark.parametrize(
    ("observed", "weights", "message"),
    [
        ([1, 2, 3], [50, 50], "3 counts cannot be held against 2 weights"),
        ([1, -2], [50, 50], "Visitors must be a whole number of 0 or more, not -2"),
        ([1, 2], [150, -50], "A weight must be a number of 0 or more, not -50"),
        ([1, 2], [math.nan, 50], "A weight must be a number of 0 or more, not nan"),
        ([1, 2], [0, 0], "At least one weight must be above 0, and all 2 are 0"),
    ],
)
def test_sample_ratio_of_impossible_data_is_refused_with_the_numbers(
    observed: list[int], weights: list[float], message: str
) -> None:
    for test in (sample_ratio_test, sequential_sample_ratio_test):
        with pytest.raises(ValueError, match=message):
            test(observed, weights)


def test_sequential_test_with_impossible_settings_is_refused() -> None:
    with pytest.raises(ValueError, match="concentration must be a number above 0, not 0"):
        sequential_sample_ratio_test([1, 2], [1, 1], concentration=0)
    with pytest.raises(ValueError, match=r"previous p-value must .* not 1\.5"):
        sequential_sample_ratio_test([1, 2], [1, 1], previous_p_value=1.5)
