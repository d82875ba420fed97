import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from metrics.stats.multiple import benjamini_hochberg, holm
from metrics.tests.stats.oracles import properties

# Fifteen comparisons of two treatments after a heart attack: Benjamini & Hochberg, Journal of the
# Royal Statistical Society B 57 (1995), section 3.2.
HEART_ATTACK = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
    0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip

families = st.lists(st.floats(0, 1), max_size=12)


def test_benjamini_hochberg_finds_the_four_differences_that_its_authors_found() -> None:
    adjusted = benjamini_hochberg(HEART_ATTACK)
    assert [p < 0.05 for p in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)


def test_holm_finds_the_three_differences_that_control_of_any_false_win_leaves() -> None:
    adjusted = holm(HEART_ATTACK)
    assert [p < 0.05 for p in adjusted] == [True] * 3 + [False] * 12
    assert adjusted[:3] == pytest.approx([15 * 0.0001, 14 * 0.0004, 13 * 0.0019])
    assert adjusted[9:] == [1.0] * 6


@properties
@given(families.filter(bool))
def test_benjamini_hochberg_matches_scipy(p_values: list[float]) -> None:
    oracle = false_discovery_control(p_values)
    assert benjamini_hochberg(p_values) == pytest.approx(list(oracle), rel=1e-12, abs=0)


@pytest.mark.parametrize(
    "p_values",
    [HEART_ATTACK, HEART_ATTACK[::-1], [0.02, 0.02, 0.02], [0.6, 1e-300, 0.3, 0.0, 1.0, 0.04]],
)
def test_holm_matches_statsmodels(p_values: list[float]) -> None:
    oracle = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(list(oracle), rel=1e-12, abs=0)


@properties
@given(families, st.randoms(use_true_random=False))
def test_adjusted_p_values_follow_the_order_given(p_values: list[float], random: Random) -> None:
    order = list(range(len(p_values)))
    random.shuffle(order)
    for adjust in (holm, benjamini_hochberg):
        adjusted = adjust(p_values)
        assert adjust([p_values[i] for i in order]) == [adjusted[i] for i in order]


@properties
@given(families)
def test_adjusted_p_values_are_never_below_the_plain_and_holms_the_larger(
    p_values: list[float],
) -> None:
    for p, by_rate, by_holm in zip(
        p_values, benjamini_hochberg(p_values), holm(p_values), strict=True
    ):
        assert p * (1 - 1e-15) <= by_rate <= by_holm * (1 + 1e-15) <= 1 + 1e-15


def test_adjusting_one_p_value_or_none_changes_nothing() -> None:
    for adjust in (holm, benjamini_hochberg):
        assert adjust([]) == []
        assert adjust([0.03]) == [0.03]


@pytest.mark.parametrize("p", [-0.01, 1.01, math.nan])
def test_adjusting_an_impossible_p_value_is_refused_with_it(p: float) -> None:
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(ValueError, match=f"p-value must lie between 0 and 1, not {p!r}"):
            adjust([0.5, p])
