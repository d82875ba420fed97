"""Writes to toggles: what a change keeps, drops and refuses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from experiments import snapshot
from experiments.models import Toggle
from experiments.representations import toggle_json
from experiments.tests.factories import ToggleFactory
from experiments.toggles import Schedule, update_toggle

pytestmark = pytest.mark.django_db
SOON, LATER = timedelta(hours=1), timedelta(hours=2)
VISITOR = "6f1f8f9e-2d5b-4f7a-9c3e-1b2a3c4d5e6f"


def scheduled(on: timedelta | None, off: timedelta | None, **values: Any) -> Toggle:
    now = timezone.now()
    moments = {
        "turns_on_at": None if on is None else now + on,
        "turns_off_at": None if off is None else now + off,
    }
    toggle: Toggle = ToggleFactory.create(**{"enabled": True, **moments, **values})
    return toggle


def changed(toggle: Toggle, **values: Any) -> Toggle:
    return update_toggle(toggle_id=toggle.id, **values)


def test_switching_on_begins_at_once_and_keeps_the_end_to_come() -> None:
    toggle = changed(scheduled(SOON, LATER), enabled=True)
    assert (toggle.turns_on_at, toggle.is_on) == (None, True)
    assert toggle.turns_off_at is not None


def test_switching_on_what_its_schedule_ended_drops_the_end() -> None:
    toggle = changed(scheduled(None, -SOON), enabled=True)
    assert (toggle.turns_off_at, toggle.is_on) == (None, True)


def test_switching_off_drops_the_schedule() -> None:
    toggle = changed(scheduled(SOON, LATER), enabled=False)
    assert (toggle.turns_on_at, toggle.turns_off_at, toggle.is_on) == (None, None, False)


def test_switch_in_the_api_is_whether_the_toggle_is_on_now() -> None:
    assert toggle_json(scheduled(SOON, None))["enabled"] is False
    assert toggle_json(scheduled(-SOON, None))["enabled"] is True
    assert toggle_json(scheduled(None, -SOON))["enabled"] is False
    assert toggle_json(scheduled(None, None, rollout=1))["enabled"] is True


def test_share_is_kept_through_a_switch() -> None:
    toggle = changed(ToggleFactory.create(rollout=30), enabled=True)
    assert (toggle.rollout, changed(toggle, enabled=False).rollout) == (30, 30)


def test_reason_is_the_last_changes_own() -> None:
    toggle = changed(ToggleFactory.create(), enabled=True, reason="The launch is today")
    assert toggle.reason == "The launch is today"
    assert changed(toggle, enabled=False).reason == ""


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"rollout": 0}, "rollout", "Give a share from 1 to 100 %."),
        ({"rollout": 101}, "rollout", "Give a share from 1 to 100 %."),
        ({"schedule": (None, -SOON)}, "turns_off_at", "This moment has passed."),
        ({"schedule": (-SOON, None)}, "turns_on_at", "This moment has passed."),
        ({"schedule": (LATER, SOON)}, "turns_off_at", "It must turn off after"),
        ({"schedule": (SOON, SOON)}, "turns_off_at", "It must turn off after"),
        ({"enabled": False, "schedule": (SOON, None)}, "turns_on_at", "Times count while"),
        ({"enabled": False, "schedule": (None, SOON)}, "turns_off_at", "Times count while"),
    ],
)
def test_change_that_cannot_be_meant_is_refused(
    values: dict[str, Any], field: str, sentence: str
) -> None:
    toggle = ToggleFactory.create(enabled=True)
    now = timezone.now()
    if "schedule" in values:
        moments: list[datetime | None] = [m and now + m for m in values["schedule"]]
        values = {**values, "schedule": Schedule(*moments)}
    with pytest.raises(ValidationError) as refusal:
        changed(toggle, **values)
    [message] = refusal.value.message_dict[field]
    assert message.startswith(sentence)
    toggle.refresh_from_db()
    assert (toggle.enabled, toggle.version) == (True, 1)


def test_moments_that_stood_before_may_stay_though_they_passed() -> None:
    toggle = scheduled(-SOON, SOON)
    kept = Schedule(toggle.turns_on_at, toggle.turns_off_at)
    assert changed(toggle, enabled=True, rollout=50, schedule=kept).turns_on_at == kept.turns_on_at


def test_snapshot_follows_the_clock_without_being_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So every process turns at the moment itself, whenever it last read the configuration."""
    toggle = scheduled(SOON, LATER, key="by_the_clock")
    ToggleFactory.create(key="always", enabled=True)
    loaded = snapshot.load()
    assert toggle.turns_on_at
    assert toggle.turns_off_at
    second = timedelta(seconds=1)
    for moment, is_on in (
        (toggle.turns_on_at - second, False),
        (toggle.turns_on_at, True),
        (toggle.turns_off_at - second, True),
        (toggle.turns_off_at, False),
    ):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        expected = {"always", "by_the_clock"} if is_on else {"always"}
        assert loaded.enabled_for(VISITOR) == expected
