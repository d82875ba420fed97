import time
from math import comb

import pytest
from hypothesis import given
from scipy.stats import fisher_exact

from metrics.stats.fisher import two_sided_p
from metrics.stats.types import Arm
from metrics.tests.stats.oracles import arms, properties

small_arms = arms(max_visitors=60)


def test_fisher_on_the_lady_tasting_tea_gives_the_published_p() -> None:
    # Three of four cups right. Fisher, The Design of Experiments (1935), chapter II; two-sided
    # p = 0.4857 = 34/70 in Agresti, Categorical Data Analysis (2nd edition, 2002), section 3.5.
    assert two_sided_p(Arm(4, 3), Arm(4, 1)) == pytest.approx(34 / 70, rel=1e-12)


@properties
@given(small_arms, small_arms)
def test_fisher_equals_the_sum_over_all_tables_in_whole_numbers(first: Arm, second: Arm) -> None:
    conversions = first.conversions + second.conversions
    ways = [
        comb(first.visitors, k) * comb(second.visitors, conversions - k)
        for k in range(conversions + 1)
    ]
    observed = ways[first.conversions]
    exact = sum(w for w in ways if w <= observed) / sum(ways)
    assert two_sided_p(first, second) == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize(
    ("first", "second", "exact"),
    [(Arm(7, 5), Arm(14, 4), 27 / 170), (Arm(6, 1), Arm(11, 9), 61 / 1768)],
)
def test_fisher_counts_a_table_that_is_exactly_as_likely(
    first: Arm, second: Arm, exact: float
) -> None:
    # Rounding makes the tied table on the other side of the mode look a trifle likelier.
    assert two_sided_p(first, second) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Arm(100_000, 3), Arm(90_000, 0)),
        (Arm(2_000, 30), Arm(1_000_000, 40)),
        (Arm(700, 699), Arm(800, 790)),
    ],
)
def test_fisher_matches_scipy(first: Arm, second: Arm) -> None:
    table = [
        [first.conversions, first.visitors - first.conversions],
        [second.conversions, second.visitors - second.conversions],
    ]
    assert two_sided_p(first, second) == pytest.approx(fisher_exact(table).pvalue, rel=1e-9)


@properties
@given(small_arms, small_arms)
def test_fisher_of_swapped_arms_is_the_same(first: Arm, second: Arm) -> None:
    assert two_sided_p(first, second) == two_sided_p(second, first)


def test_fisher_of_huge_margins_with_few_expected_answers_at_once() -> None:
    started = time.process_time()
    p_value = two_sided_p(Arm(10**6, 12), Arm(10**12, 10**6))
    assert time.process_time() - started < 0.1
    assert 0 < p_value < 1e-8
