"""What the badge says, and below what it says nothing yet."""

from __future__ import annotations

import pytest

from dashboard.significance import State, significance_of
from dashboard.tests.browser import count_visitors
from experiments.tests.factories import ExperimentFactory
from metrics.results import results_for

pytestmark = pytest.mark.django_db


def badge(split: list[int], *arms: tuple[int, int]):  # type: ignore[no-untyped-def]  # the dataclass
    experiment = ExperimentFactory.create(split=split)
    count_visitors(experiment, *arms)
    return significance_of(results_for(experiment))


@pytest.mark.parametrize(
    ("arms", "state", "says"),
    [
        (((0, 0), (0, 0)), State.COLLECTING, "in at least two variants"),
        (((500, 50), (0, 0)), State.COLLECTING, "in at least two variants"),
        (((500, 50), (99, 40)), State.COLLECTING, "variant_1 has 99 so far"),
        (((500, 9), (500, 40)), State.COLLECTING, "control has 9 so far"),
        (((1000, 100), (1000, 160)), State.SIGNIFICANT, "The two rates differ"),
        (((1000, 100), (1000, 104)), State.NOT_SIGNIFICANT, "don't differ by more than chance"),
        (((1000, 1000), (1000, 1000)), State.NOT_SIGNIFICANT, "don't differ"),
    ],
)
def test_badge_says_collecting_below_the_floor_and_a_verdict_above(
    arms: tuple[tuple[int, int], ...], state: State, says: str
) -> None:
    shown = badge([50, 50], *arms)
    assert shown.state is state
    assert says in shown.sentence
    assert (shown.p_value is None) == (state is State.COLLECTING)


def test_variant_without_a_share_and_without_visitors_does_not_hold_up_the_others() -> None:
    assert badge([50, 50, 0], (1000, 100), (1000, 160)).state is State.SIGNIFICANT


def test_several_treatments_are_told_as_at_least_one() -> None:
    shown = badge([34, 33, 33], (1000, 100), (1000, 100), (1000, 160))
    assert "At least one variant" in shown.sentence


def test_small_expected_counts_bring_fishers_exact_p() -> None:
    shown = badge([50, 50], (1000, 999), (1000, 998))
    assert shown.fisher_p_value is not None


def test_label_is_in_sentence_case() -> None:
    assert badge([50, 50], (1000, 100), (1000, 104)).label == "Not significant"
