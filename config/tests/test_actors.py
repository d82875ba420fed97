"""Whose name stands beside a change: by dashboard, API, command; and never the request's before."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import manage
from experiments import toggles
from experiments.actors import SYSTEM, Actor, ActorKind, acting, current_actor
from experiments.models import AuditEntry, Toggle
from experiments.tests.audit import entries_since, last_entry
from experiments.tests.factories import ToggleFactory, make_editor, make_token

pytestmark = pytest.mark.django_db

MARIA = Actor(ActorKind.PERSON, "maria", "7")
OTTO = Actor(ActorKind.PERSON, "otto: the second", "8")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def switch(client: Client, toggle: Toggle) -> None:
    toggle.refresh_from_db()
    state = "off" if toggle.enabled else "on"
    data = {"enabled": state, "version": toggle.version}
    response: Any = client.post(reverse("dashboard:toggle-switch", args=[toggle.id]), data)
    assert response.status_code == 302


def patch(client: Client, toggle: Toggle, **headers: str) -> Any:
    body = json.dumps({"enabled": not Toggle.objects.get(pk=toggle.pk).enabled})
    path = f"/api/toggles/{toggle.id}"
    return client.patch(path, body, content_type="application/json", headers=headers)


def actor_of(entry: AuditEntry) -> Actor:
    return Actor(ActorKind(entry.actor_kind), entry.actor_name, entry.actor_id)


def as_actor(user: User) -> Actor:
    return Actor(ActorKind.PERSON, user.username, str(user.pk))


def test_change_in_the_dashboard_is_the_signed_in_persons() -> None:
    toggle, editor = ToggleFactory.create(), make_editor()
    switch(signed_in(editor), toggle)
    assert actor_of(last_entry()) == as_actor(editor)


def test_change_by_the_api_is_the_tokens_though_somebody_is_signed_in() -> None:
    toggle = ToggleFactory.create()
    token, text = make_token()
    client = signed_in(make_editor())
    assert patch(client, toggle, Authorization=f"Bearer {text}").status_code == 200
    assert actor_of(last_entry()) == Actor(ActorKind.TOKEN, token.name, str(token.id))


def test_change_by_the_api_with_a_session_is_the_persons() -> None:
    toggle, editor = ToggleFactory.create(), make_editor()
    assert patch(signed_in(editor), toggle).status_code == 200
    assert actor_of(last_entry()) == as_actor(editor)


def test_every_entry_of_an_experiment_made_by_the_api_is_the_tokens() -> None:
    token, text = make_token()
    body = {
        "name": "By API",
        "variants": [{"name": "control"}, {"name": "other"}],
        "trafficSplit": [50, 50],
    }
    with entries_since() as entries:
        response: Any = Client().post(
            "/api/experiments",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {text}"},
        )
    assert response.status_code == 201
    assert len(entries) > 4
    assert {actor_of(e) for e in entries} == {Actor(ActorKind.TOKEN, token.name, str(token.id))}


def test_change_without_anybody_is_the_systems() -> None:
    ToggleFactory.create()
    assert actor_of(last_entry()) == SYSTEM == current_actor()


@pytest.mark.django_db(transaction=True)
def test_change_by_a_command_is_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "named, so that the embedded server isn't started")
    monkeypatch.setattr(sys, "argv", ["manage.py", "create_token", "nightly"])
    with entries_since() as entries:
        manage.main()
    [made] = entries
    assert (made.object_name, actor_of(made)) == (
        "nightly",
        Actor(ActorKind.COMMAND, "create_token"),
    )
    assert current_actor() == SYSTEM


@pytest.mark.django_db(transaction=True)
def test_name_said_by_hand_is_kept_as_it_was_said() -> None:
    toggle = ToggleFactory.create()
    with entries_since() as entries, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('plainsplit.actor', 'Maria, by psql', true)")
        # As psql would: not by way of Django, which would say whose request it is.
        cursor.connection.execute("UPDATE experiments_toggle SET enabled = NOT enabled")
    [entry] = entries
    assert entry.object_id == str(toggle.id)
    assert actor_of(entry) == Actor(ActorKind.SYSTEM, "Maria, by psql")


@pytest.mark.django_db(transaction=True)
def test_two_requests_on_one_connection_are_each_their_own() -> None:
    toggle, first, second = ToggleFactory.create(), make_editor(), make_editor()
    clients = signed_in(first), signed_in(second)
    with entries_since() as entries:
        for client in (*clients, *clients):
            switch(client, toggle)
        toggles.update_toggle(toggle_id=toggle.id, description="By nobody")
        switch(clients[1], toggle)
    assert [actor_of(entry) for entry in entries] == [
        *(as_actor(user) for user in (first, second, first, second)),
        SYSTEM,
        as_actor(second),
    ]


@pytest.mark.django_db(transaction=True)
def test_request_that_fails_leaves_nobody_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    toggle = ToggleFactory.create()
    client = signed_in(make_editor())
    client.raise_request_exception = False

    def fail(**_: Any) -> None:
        with transaction.atomic():
            Toggle.objects.update(description="Half done")
            raise ZeroDivisionError

    with monkeypatch.context() as patched, entries_since() as entries:
        patched.setattr(toggles, "update_toggle", fail)
        data = {"enabled": "on", "version": 1}
        path = reverse("dashboard:toggle-switch", args=[toggle.id])
        assert client.post(path, data).status_code == 500
    assert entries == []
    assert current_actor() == SYSTEM
    toggles.update_toggle(toggle_id=toggle.id, enabled=True)
    assert actor_of(last_entry()) == SYSTEM


@pytest.mark.django_db(transaction=True)
def test_the_server_forgets_the_name_with_the_transaction() -> None:
    with acting(MARIA):
        ToggleFactory.create()
        with transaction.atomic():
            Toggle.objects.update(enabled=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('plainsplit.actor', true), '')")
        assert cursor.fetchone() == ("",)


def nested_blocks() -> None:
    with acting(MARIA):
        Toggle.objects.update(description="1")
        with acting(OTTO):
            Toggle.objects.update(description="2")
        Toggle.objects.update(description="3")
    Toggle.objects.update(description="4")


def savepoints_rolled_back_between() -> None:
    """Each takes back what the server was told within it."""
    with acting(MARIA):
        Toggle.objects.update(description="1")
    with acting(OTTO):
        with pytest.raises(IntegrityError), transaction.atomic():
            ToggleFactory.create_batch(2, key="the_same")
        Toggle.objects.update(description="2")
    with acting(MARIA):
        Toggle.objects.update(description="3")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            1 / 0  # noqa: B018
    Toggle.objects.update(description="4")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [nested_blocks, savepoints_rolled_back_between])
def test_several_actors_in_one_transaction_are_told_apart(change: Callable[[], Any]) -> None:
    ToggleFactory.create()
    with entries_since() as entries, transaction.atomic():
        change()
    assert [actor_of(entry) for entry in entries] == [MARIA, OTTO, MARIA, SYSTEM]


@pytest.mark.django_db(transaction=True)
def test_refused_write_by_an_actor_leaves_the_connection_usable() -> None:
    ToggleFactory.create(key="taken")
    with acting(MARIA):
        with pytest.raises(IntegrityError):
            Toggle.objects.create(key="taken")
        Toggle.objects.create(key="free")
    assert actor_of(last_entry()) == MARIA
    assert connection.get_autocommit()


def test_other_threads_have_actors_of_their_own() -> None:
    seen: list[Actor] = []
    with acting(MARIA):
        thread = threading.Thread(target=lambda: seen.append(current_actor()))
        thread.start()
        thread.join()
        assert current_actor() == MARIA
    assert seen == [SYSTEM]


def test_actor_costs_one_round_trip_a_transaction_and_reads_none() -> None:
    toggle = ToggleFactory.create()
    with CaptureQueriesContext(
        connection,
    ) as without:
        toggles.update_toggle(toggle_id=toggle.id, enabled=True)
    with acting(MARIA):
        with CaptureQueriesContext(connection) as told:
            toggles.update_toggle(toggle_id=toggle.id, enabled=False)
            toggles.update_toggle(toggle_id=toggle.id, enabled=True)
        with CaptureQueriesContext(connection) as reading:
            Toggle.objects.get(pk=toggle.id)
    assert len(told) == 2 * len(without) + 1
    assert [q["sql"] for q in told if "plainsplit.actor" in q["sql"]] == [
        "SELECT set_config('plainsplit.actor', 'person:7:maria', true)"
    ]
    assert len(reading) == 1


def test_actor_is_not_looked_up_for_what_is_not_audited() -> None:
    def never() -> Actor:
        raise AssertionError

    with acting(never):
        AuditEntry.objects.count()
        Session.objects.create(session_key="k", expire_date=timezone.now())
    with acting(never), pytest.raises(AssertionError):
        Toggle.objects.update(enabled=True)
