"""Toggles for a share of visitors and for a time; who changed them, why, and who reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.tests.browser import messages_in, path_of, post_part
from dashboard.tests.history import told_by
from dashboard.toggle_rows import State, state_of
from experiments.models import Toggle
from experiments.tests.factories import ToggleFactory
from experiments.toggles import update_toggle

pytestmark = pytest.mark.django_db

COMING = datetime(2099, 11, 24, 9, 0, tzinfo=UTC)
REASON = {"reason": "A first look at it"}


def typed(toggle: Toggle, **values: Any) -> dict[str, Any]:
    """What the form would send, filled in from the toggle, with other values."""
    sent = {"rollout": toggle.rollout, "description": toggle.description, "version": toggle.version}
    return {**sent, **({"enabled": "on"} if toggle.is_on else {}), **values}


def save(client: Client, toggle: Toggle, **values: Any) -> Any:
    return client.post(path_of("toggle-edit", toggle.id), typed(toggle, **values))


def page_of(client: Client) -> str:
    return " ".join(client.get(path_of("toggle-list")).content.decode().split())


def test_share_and_times_are_saved_and_told_in_words(editor: Client) -> None:
    toggle = ToggleFactory.create()
    response = save(
        editor,
        toggle,
        enabled="on",
        rollout="30",
        turns_on_at="2099-11-24T09:00",
        turns_off_at="2099-12-24T09:00",
        **REASON,
    )
    assert response.status_code == 302
    toggle.refresh_from_db()
    assert (toggle.enabled, toggle.rollout, toggle.turns_on_at) == (True, 30, COMING)
    page = page_of(editor)
    assert "Turns on <time" in page
    assert ">24 Nov 2099, 09:00</time>" in page
    assert "For 30 % of visitors" in page
    assert ">24 Dec 2099, 09:00</time>" in page
    assert '<q class="toggle-why">A first look at it</q>' in page
    assert 'aria-checked="false"' in page


def test_share_of_what_is_on_is_told_and_the_switch_names_it(editor: Client) -> None:
    toggle = ToggleFactory.create(key="for_some", rollout=30)
    response: Any = editor.post(
        path_of("toggle-switch", toggle.id), {"enabled": "on", "version": 1}
    )
    assert messages_in(response) == [
        "for_some is on for 30 % of visitors, from the next page load on."
    ]
    assert "On for 30 % of visitors" in page_of(editor)


def test_switch_turns_on_at_once_what_was_to_come(editor: Client) -> None:
    toggle = ToggleFactory.create(enabled=True, turns_on_at=COMING)
    row = post_part(editor, path_of("toggle-switch", toggle.id), {"enabled": "on", "version": 1})
    assert 'aria-checked="true"' in row.content.decode()
    assert "On for everybody" in row.content.decode()


@pytest.mark.parametrize(
    "values",
    [
        {"enabled": "on"},
        {"rollout": "40"},
        {"enabled": "on", "turns_off_at": "2099-11-24T09:00"},
    ],
)
def test_what_visitors_notice_asks_for_a_reason(editor: Client, values: dict[str, str]) -> None:
    toggle = ToggleFactory.create()
    response = save(editor, toggle, **values)
    assert response.status_code == 422
    assert "Say why in a few words" in response.content.decode()
    assert save(editor, toggle, **values, **REASON).status_code == 302
    toggle.refresh_from_db()
    assert toggle.reason == REASON["reason"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rollout": "0"}, "Give a share from 1 to 100 %."),
        ({"rollout": ""}, "Give a share from 1 to 100 %."),
        ({"rollout": "x"}, "Give a share from 1 to 100 %."),
        ({"enabled": "on", "turns_on_at": "?"}, "Give a day and a time"),
        ({"turns_on_at": "2099-11-24T09:00"}, "Times count while the toggle is on."),
        ({"enabled": "on", "turns_off_at": "2001-01-01T09:00"}, "This moment has passed."),
    ],
)
def test_settings_that_cannot_be_meant_are_told_beside_their_field(
    editor: Client, values: dict[str, str], sentence: str
) -> None:
    toggle = ToggleFactory.create()
    response = save(editor, toggle, **values, **REASON)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert REASON["reason"] in response.content.decode()


def test_form_of_a_toggle_whose_time_is_over_starts_from_off(editor: Client) -> None:
    toggle = ToggleFactory.create(enabled=True, turns_off_at=timezone.now() - timedelta(days=1))
    form = editor.get(path_of("toggle-edit", toggle.id)).context["form"]
    assert (form["enabled"].value(), form["turns_off_at"].value()) == (False, None)
    assert save(editor, toggle, description="Over").status_code == 302
    toggle.refresh_from_db()
    assert (toggle.enabled, toggle.turns_off_at) == (False, None)


def test_form_holds_moments_in_utc_to_the_minute(editor: Client) -> None:
    toggle = ToggleFactory.create(enabled=True, turns_on_at=COMING + timedelta(seconds=7))
    page = editor.get(path_of("toggle-edit", toggle.id)).content.decode()
    assert 'value="2099-11-24T09:00"' in page
    assert "In UTC." in page


def test_change_beside_somebody_elses_is_told_before_a_reason_is_asked_for(
    editor: Client,
) -> None:
    toggle = ToggleFactory.create()
    update_toggle(toggle_id=toggle.id, enabled=True, reason="Theirs")
    response = save(editor, toggle, rollout="20")
    page = " ".join(response.content.decode().split())
    assert response.status_code == 409
    for label, saved, mine in (("Switch", "on", "off"), ("Share of visitors", "100 %", "20 %")):
        assert f'scope="row">{label}</th><td role="cell" data-label="Saved now">{saved}' in page
        assert f'data-label="What you typed">{mine}</td>' in page


def test_reason_of_a_flip_can_be_said_afterwards(editor: Client) -> None:
    toggle = ToggleFactory.create(key="a_toggle")
    path = path_of("toggle-reason", toggle.id)
    row = post_part(editor, path, {"reason": "For the launch", "version": 1})
    assert messages_in(row) == ["The reason stands beside a_toggle, and in the history."]
    assert "For the launch</q>" in row.content.decode()
    assert "by <strong>editor</strong>" in " ".join(row.content.decode().split())
    late = post_part(editor, path, {"reason": "Too late", "version": 1})
    assert late.status_code == 409
    empty = post_part(editor, path, {"reason": " ", "version": 2})
    assert (empty.status_code, messages_in(empty)) == (409, ["Say why in a few words."])


def test_reason_stands_in_the_history() -> None:
    toggle = ToggleFactory.create(key="a_toggle")
    assert told_by(lambda: update_toggle(toggle_id=toggle.id, rollout=20, reason="New")) == [
        "a_toggle: on for: 100 % of visitors → 20 % of visitors",
        "Reason: “New”",
    ]
    assert told_by(lambda: update_toggle(toggle_id=toggle.id, enabled=True)) == [
        "Toggle a_toggle: off → on"
    ]


def test_toggle_that_no_page_reads_says_so(editor: Client) -> None:
    ToggleFactory.create(key="show_hero_banner")
    page = page_of(editor)
    assert "Read by every landing page, above everything else" in page
    assert "Read nowhere" not in page
    ToggleFactory.create(key="of_old")
    assert page_of(editor).count("Read nowhere") == 1


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, State.OFF),
        ({"enabled": True}, State.ON),
        ({"enabled": True, "turns_on_at": COMING}, State.COMING),
        ({"enabled": True, "turns_off_at": COMING}, State.ON),
        ({"enabled": True, "turns_off_at": COMING - timedelta(days=99_999 / 10)}, State.ENDED),
        ({"enabled": False, "turns_on_at": COMING}, State.OFF),
    ],
)
def test_state_in_a_word(values: dict[str, Any], state: State) -> None:
    assert state_of(ToggleFactory.build(**values), COMING - timedelta(days=1)) is state
