from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from metrics.stats.types import Arm, Interval, Sample


def test_arm_with_more_conversions_than_visitors_is_refused_with_the_numbers() -> None:
    with pytest.raises(ValueError, match="12 conversions of 11 visitors"):
        Arm(11, 12)


@pytest.mark.parametrize(
    ("visitors", "conversions", "number"), [(-3, 0, "-3"), (5, -2, "-2"), (2.5, 1, r"2\.5")]
)
def test_arm_with_an_impossible_count_is_refused_with_the_number(
    visitors: int, conversions: int, number: str
) -> None:
    with pytest.raises(ValueError, match=f"whole number of 0 or more, not {number}"):
        Arm(visitors, conversions)


def test_arm_of_another_librarys_integers_cannot_overflow() -> None:
    arm = Arm(np.int64(3_000_000_000), np.int32(5))  # type: ignore[arg-type]  # unchecked callers
    assert (type(arm.visitors), type(arm.conversions)) == (int, int)
    assert arm == Arm(3_000_000_000, 5)


def test_arm_rate_without_visitors_is_none() -> None:
    assert Arm(0, 0).rate is None
    assert Arm(8, 2).rate == 0.25


def test_arm_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Arm(8, 2).visitors = 9  # type: ignore[misc]  # the point of the test


def test_interval_contains_its_ends_and_nothing_outside() -> None:
    interval = Interval(-0.5, 0.25)
    assert -0.5 in interval
    assert 0.25 in interval
    assert 0.26 not in interval


def test_interval_upside_down_is_refused_with_the_numbers() -> None:
    with pytest.raises(ValueError, match=r"from 0\.3 to 0\.2"):
        Interval(0.3, 0.2)


@pytest.mark.parametrize(
    ("n", "mean", "variance", "number"),
    [
        (-1, 0.0, 1.0, "-1"),
        (3, float("nan"), 1.0, "nan"),
        (3, 0.0, -0.5, r"-0\.5"),
        (3, 0.0, float("inf"), "inf"),
    ],
)
def test_sample_that_cannot_be_is_refused_with_the_number(
    n: int, mean: float, variance: float, number: str
) -> None:
    with pytest.raises(ValueError, match=number):
        Sample(n, mean, variance)
