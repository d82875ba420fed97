import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.stats.look import Look
from metrics.stats.split_check import check_split, smallest_p_value
from metrics.stats.srm import sample_ratio_test, sequential_sample_ratio_test
from metrics.stats.types import Arm


def look_of(*enrolled: int, weights: tuple[float, ...] | None = None, previous: float = 1) -> Look:
    return Look(
        (Arm(0, 0),) * len(enrolled),
        weights or (1,) * len(enrolled),
        0,
        enrolled=enrolled,
        previous_srm_p_value=previous,
    )


def test_p_value_is_the_inverse_of_the_mean_bayes_factor() -> None:
    observed, weights = (5400, 2500, 2400), (2, 1, 1)
    factors = [
        sequential_sample_ratio_test(observed, weights, concentration).log_bayes_factor or 0
        for concentration in (10_000, 100)
    ]
    found = check_split(look_of(*observed, weights=weights))
    assert found.p_value == pytest.approx(2 / sum(map(math.exp, factors)), rel=1e-12)
    assert found.expected == (5150, 2575, 2575)


@pytest.mark.parametrize(
    ("observed", "is_mismatch"),
    [
        # Gross, and found among the first hundreds; slight, and found among many.
        ((600, 400), True),
        ((540, 460), False),
        ((51_500, 48_500), True),
        ((50_500, 49_500), False),
        ((821_588, 815_482), True),
    ],
)
def test_gross_and_slight_mismatches_are_found(
    observed: tuple[int, int], is_mismatch: bool
) -> None:
    assert check_split(look_of(*observed)).mismatch is is_mismatch
    # What a single test would say with certainty is never missed.
    p_value = sample_ratio_test(observed, (1, 1)).p_value
    assert p_value is not None
    assert is_mismatch == (p_value < 1e-5)


def test_smallest_p_value_is_kept() -> None:
    assert check_split(look_of(500, 500, previous=0.02)).p_value == 0.02
    assert check_split(look_of(500, 500, previous=0.0005)).mismatch


@pytest.mark.parametrize(
    ("observed", "weights", "p_value", "is_mismatch"),
    [
        ((0, 0), (1, 1), 1.0, False),
        ((9, 9), (1, 0), 0.0, True),
        ((9, 0), (1, 0), None, False),
        ((9,), (1,), None, False),
    ],
)
def test_visitors_that_leave_nothing_to_test(
    observed: tuple[int, ...], weights: tuple[float, ...], p_value: float | None, is_mismatch: bool
) -> None:
    found = check_split(look_of(*observed, weights=weights))
    assert (found.p_value, found.mismatch) == (p_value, is_mismatch)


def test_factors_beyond_the_range_of_floats_are_a_mismatch() -> None:
    found = check_split(look_of(10**9, 1))
    assert (found.p_value, found.mismatch) == (0.0, True)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=12))
def test_smallest_p_of_past_days_is_the_one_of_looking_every_day(
    arrivals: list[tuple[int, int]],
) -> None:
    p, before, observed = 1.0, 1.0, (0, 0)
    for arrived in arrivals:
        observed = (observed[0] + arrived[0], observed[1] + arrived[1])
        arms = tuple(Arm(visitors, 0) for visitors in observed)
        seen = check_split(Look(arms, (50, 50), full_days=1, previous_srm_p_value=p)).p_value
        assert seen is not None
        before, p = p, seen
        assert p <= before
    assert smallest_p_value(tuple(arrivals), (50, 50)) == p


def test_smallest_p_of_nothing_to_check_is_1() -> None:
    assert smallest_p_value((), (50, 50)) == 1
    assert smallest_p_value(((0, 0),), (50, 50)) == 1
    assert smallest_p_value(((500, 0),), (100, 0)) == 1
    assert smallest_p_value(((500, 1),), (100, 0)) == 0
