"""Toggles: switched, made, described, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.forms.toggles import NewToggleForm
from dashboard.tests.browser import messages_in, path_of, post_part
from experiments.keeper import keeper
from experiments.models import Toggle
from experiments.tests.factories import ToggleFactory
from experiments.toggles import update_toggle

pytestmark = pytest.mark.django_db


def switch(client: Client, toggle: Toggle, state: str, version: int = 1) -> Any:
    data = {"enabled": state, "version": version}
    return client.post(path_of("toggle-switch", toggle.id), data)


@pytest.mark.django_db(transaction=True)
def test_switch_takes_effect_at_once(editor: Client) -> None:
    toggle = ToggleFactory.create(key="show_hero_banner")
    assert not keeper.current().is_enabled("show_hero_banner")
    response = switch(editor, toggle, "on")
    assert response["Location"] == path_of("toggle-list")
    assert messages_in(response) == ["show_hero_banner is on, from the next page load on."]
    assert keeper.current().is_enabled("show_hero_banner")


def test_switch_by_htmx_answers_the_row_as_it_is_now(editor: Client) -> None:
    toggle = ToggleFactory.create()
    response = post_part(
        editor, path_of("toggle-switch", toggle.id), {"enabled": "on", "version": 1}
    )
    row = response.content.decode()
    assert row.strip().startswith("<li")
    assert 'aria-checked="true"' in row
    assert 'name="version" value="2"' in row


def test_switch_of_what_somebody_changed_meanwhile_shows_the_current_state(editor: Client) -> None:
    toggle = ToggleFactory.create()
    update_toggle(toggle_id=toggle.id, description="Meanwhile")
    response = post_part(
        editor, path_of("toggle-switch", toggle.id), {"enabled": "on", "version": 1}
    )
    assert response.status_code == 409
    assert messages_in(response) == [
        "Somebody else changed this toggle meanwhile; this is its current state."
    ]
    assert 'aria-checked="false"' in response.content.decode()
    assert "Meanwhile" in response.content.decode()


@pytest.mark.parametrize(
    "data", [{}, {"enabled": "on"}, {"enabled": "maybe", "version": 1}, {"version": "x"}]
)
def test_switch_without_its_state_is_refused(editor: Client, data: dict[str, Any]) -> None:
    toggle = ToggleFactory.create(enabled=True)
    response: Any = editor.post(path_of("toggle-switch", toggle.id), data)
    assert "Reload the page" in messages_in(response)[0]
    toggle.refresh_from_db()
    assert toggle.enabled


def test_create_makes_a_toggle(editor: Client) -> None:
    data = {"key": "show_footer", "description": "The footer.", "enabled": "on"}
    response: Any = editor.post(path_of("toggle-create"), data)
    toggle = Toggle.objects.get()
    assert response["Location"] == path_of("toggle-list")
    assert (toggle.key, toggle.description, toggle.enabled) == ("show_footer", "The footer.", True)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("", "Give the toggle a key"),
        ("Show Footer", "Use lower-case letters, digits and underscores"),
        ("taken", "A toggle with this key exists."),
        ("k" * 65, "at most 64 characters"),
    ],
)
def test_create_with_a_bad_key_says_why_and_keeps_the_rest(
    editor: Client, key: str, sentence: str
) -> None:
    ToggleFactory.create(key="taken")
    response: Any = editor.post(path_of("toggle-create"), {"key": key, "description": "Kept"})
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "Kept" in page
    assert Toggle.objects.count() == 1


def test_create_of_a_key_that_another_takes_in_that_moment_is_told(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ToggleFactory.create(key="taken")
    # As if the other's row had not been there yet when the key was checked.
    monkeypatch.setattr(Toggle, "full_clean", lambda self: None)
    form = NewToggleForm({"key": "taken"})
    assert form.is_valid()
    assert form.save() is None
    assert form.errors["key"] == ["A toggle with this key exists. Keys are used once."]


def test_description_is_saved_without_a_reason(editor: Client) -> None:
    toggle = ToggleFactory.create()
    data = {"description": "A new text", "rollout": 100, "version": 1}
    assert editor.post(path_of("toggle-edit", toggle.id), data).status_code == 302
    toggle.refresh_from_db()
    assert toggle.description == "A new text"


def test_delete_removes_the_toggle(editor: Client) -> None:
    toggle = ToggleFactory.create(key="old_one")
    response: Any = editor.post(path_of("toggle-delete", toggle.id))
    assert messages_in(response) == ["old_one is deleted. A page that asks for it finds it off."]
    assert not Toggle.objects.exists()


def test_viewers_see_the_state_without_a_switch(viewer: Client) -> None:
    ToggleFactory.create(key="a_toggle", enabled=True)
    page = viewer.get(path_of("toggle-list")).content.decode()
    assert '<span class="badge is-active">On</span>' in page
    assert 'role="switch"' not in page


def test_empty_list_says_what_to_do(editor: Client, viewer: Client) -> None:
    assert "Make one with the key" in editor.get(path_of("toggle-list")).content.decode()
    assert "Once an editor has made one" in viewer.get(path_of("toggle-list")).content.decode()
