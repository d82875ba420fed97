"""For whom a toggle is on, and when."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.rollout import ToggleView

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
VISITORS = [str(uuid.UUID(int=n * 7_919 + 1)) for n in range(10_000)]
ids = st.uuids(version=4).map(str)
shares = st.integers(1, 100)


def view(rollout: int = 100, toggle_id: str = VISITORS[0], **changes: datetime) -> ToggleView:
    return ToggleView(id=toggle_id, enabled=True, rollout=rollout, **changes)


@given(ids, ids, shares, shares)
def test_growing_share_takes_it_from_nobody(
    visitor: str, toggle_id: str, one: int, other: int
) -> None:
    less, more = sorted((one, other))
    if view(less, toggle_id).is_on_for(visitor, NOW):
        assert view(more, toggle_id).is_on_for(visitor, NOW)


@pytest.mark.parametrize("share", [1, 10, 30, 50, 99])
def test_share_of_visitors_is_what_was_asked_for(share: int) -> None:
    reached = sum(view(share).is_on_for(visitor, NOW) for visitor in VISITORS)
    # Six standard deviations of 10,000 draws, at most 3 points.
    spread = 6 * (share * (100 - share) / 100 * 100) ** 0.5
    assert abs(reached - share * 100) < spread


def test_two_toggles_reach_visitors_of_their_own() -> None:
    other = view(50, str(uuid.UUID(int=5)))
    both = sum(view(50).is_on_for(v, NOW) and other.is_on_for(v, NOW) for v in VISITORS)
    assert 2_200 < both < 2_800


def test_who_is_not_counted_has_what_everybody_has() -> None:
    assert view(100).is_on_for(None, NOW)
    assert not view(99).is_on_for(None, NOW)


def test_schedule_begins_and_ends_at_its_moments() -> None:
    scheduled = view(turns_on_at=NOW, turns_off_at=NOW + timedelta(hours=1))
    moments = (NOW - TICK, NOW, NOW + timedelta(hours=1) - TICK, NOW + timedelta(hours=1))
    assert [scheduled.is_on_at(moment) for moment in moments] == [False, True, True, False]


def test_switch_stands_above_the_schedule() -> None:
    off = ToggleView(VISITORS[0], enabled=False, turns_on_at=NOW - timedelta(days=1))
    assert not off.is_on_at(NOW)
