"""The history's export, what viewers are spared, and the toggles' share of the history."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.tests.browser import path_of
from dashboard.tests.history import MARIA, NIGHTLY, SEED, make_toggles, page
from experiments import audit, toggles
from experiments.actors import Actor, ActorKind, acting
from experiments.models import Toggle
from experiments.models.audit import AuditedKind
from experiments.tests.audit import new_change
from experiments.tests.factories import ExperimentFactory, ToggleFactory, make_token

pytestmark = pytest.mark.django_db


def test_viewers_see_no_changes_of_tokens_and_people(viewer: Client, editor: Client) -> None:
    make_token("nightly")
    User.objects.create_user("otto", "otto@example.org")
    new_change()
    [told] = make_toggles(1)
    seen = page(viewer).content.decode()
    assert told in seen
    for secret in ("otto@example.org", "nightly"):
        assert secret not in seen
        assert secret in page(editor).content.decode()
    assert page(viewer, kind="person").status_code == 422
    lines = b"".join(page(viewer, "history-export").streaming_content).decode()
    assert "show" not in lines
    assert "otto" not in lines
    assert "toggle" in lines


def test_export_has_every_matching_entry_with_both_sides(editor: Client) -> None:
    toggle = ToggleFactory.create(key="show_hero")
    with acting(Actor(ActorKind.PERSON, "=maria", "7")):
        toggles.update_toggle(toggle_id=toggle.id, enabled=True)
    ExperimentFactory.create()
    response = page(editor, "history-export", kind="toggle")
    assert response.streaming
    assert re.fullmatch(
        r'attachment; filename="history-\d{4}-\d\d-\d\d\.csv"', response["Content-Disposition"]
    )
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert {row["kind"] for row in rows} == {"toggle"}
    newest = rows[0]
    assert int(rows[0]["id"]) > int(rows[1]["id"])
    # A name that a spreadsheet would calculate is text.
    assert (newest["actor_kind"], newest["actor"]) == ("person", "'=maria")
    assert (newest["object"], newest["action"]) == ("show_hero", "changed")
    assert (newest["before"], newest["after"]) == ('{"enabled": false}', '{"enabled": true}')
    assert datetime.fromisoformat(newest["at"]).tzinfo == UTC


def test_export_streams_more_than_a_page(editor: Client) -> None:
    make_toggles(60)
    response = page(editor, "history-export", who="person:maria")
    assert len(b"".join(response.streaming_content).splitlines()) == 61


def test_toggles_say_who_changed_them_last_in_one_query(
    viewer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for actor in (MARIA, NIGHTLY, SEED):
        with acting(actor):
            ToggleFactory.create()
    page(viewer)
    # Session, person, groups; the toggles, and who changed them.
    with django_assert_num_queries(5):
        text = page(viewer, "toggle-list").content.decode()
    for name in ("maria", "the API token “nightly: 2”", "the command seed"):
        assert f"by <strong>{name}</strong>" in text


def test_switched_toggle_says_who_did_it(editor: Client) -> None:
    toggle = ToggleFactory.create()
    data = {"enabled": "on", "version": 1}
    path = path_of("toggle-switch", toggle.id)
    row: Any = editor.post(path, data, headers={"HX-Request": "true"})
    assert "by <strong>editor</strong>" in row.content.decode()


def test_last_change_is_the_last_one_of_each() -> None:
    first, second = ToggleFactory.create(), ToggleFactory.create()
    with acting(MARIA):
        toggles.update_toggle(toggle_id=first.id, enabled=True)
    last = audit.last_changes(AuditedKind.TOGGLE, [first.id, second.id, Toggle().id])
    assert {key: entry.actor_name for key, entry in last.items()} == {
        str(first.id): "maria",
        str(second.id): "",
    }
