"""With the database away: the page answers from memory, counts nothing, and says so once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from experiments import store
from experiments.content import DEFAULTS
from experiments.keeper import keeper
from experiments.models import Assignment
from experiments.tests.factories import ExperimentFactory, ToggleFactory
from landing.tests.visits import (
    TREATMENT,
    headline_of,
    run_instead,
    text_of,
    tracked_in,
    visit,
)
from metrics.models import Lead

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet_for_a_minute() -> Iterator[None]:
    """Begin each test as if nothing had been logged for a minute."""
    keeper._logged_at = time.monotonic() - 3600
    yield
    keeper.is_database_well = True


def fail(*_args: Any, **_kwargs: Any) -> Any:
    raise OperationalError("server closed the connection unexpectedly")


@contextmanager
def database_down(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every statement fail, the store's and the ORM's."""
    with monkeypatch.context() as patched, connection.execute_wrapper(fail):
        run_instead(patched, fail)
        yield


def test_page_for_new_visitor_is_control_and_untracked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    ToggleFactory(key="show_hero_banner", enabled=True)
    visit(Client())
    with database_down(monkeypatch):
        response = visit(client)
    assert response.status_code == 200
    assert headline_of(response) == DEFAULTS["hero_headline"]
    assert 'id="hero-banner"' in text_of(response)
    assert tracked_in(response) == {}
    assert "assignments" not in response.cookies
    assert response["X-Uncounted"] == "database_down"
    assert Assignment.objects.count() == 1


def test_page_for_returning_visitor_keeps_variant_and_is_untracked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    visit(client)
    with database_down(monkeypatch):
        response = visit(client)
    assert headline_of(response) == TREATMENT
    assert tracked_in(response) == {}
    assert tracked_in(visit(client))


def test_page_where_only_enrolment_fails_is_control(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    with monkeypatch.context() as patched:
        patched.setattr(store, "enrol", fail)
        response = visit(client)
    assert response.status_code == 200
    assert headline_of(response) == DEFAULTS["hero_headline"]
    assert "assignments" not in response.cookies
    # The same visitor is enrolled at the next chance.
    response = visit(client)
    assert headline_of(response) == TREATMENT
    assert "assignments" in response.cookies


def test_page_while_known_to_be_down_does_not_try(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ExperimentFactory()
    snapshot = keeper.current()
    keeper.is_database_well = False
    with monkeypatch.context() as patched:
        # As in a process with a refresher, which alone asks the database.
        patched.setattr(keeper, "current", lambda: snapshot)
        patched.setattr(store, "enrol", pytest.fail)
        assert visit(client).status_code == 200


def test_page_of_process_that_never_reached_the_database_is_plain(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database_down(monkeypatch):
        response = visit(client)
    assert response.status_code == 200
    assert headline_of(response) == DEFAULTS["hero_headline"]


def test_outage_is_logged_once_and_not_once_a_request(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ExperimentFactory()
    visit(Client())
    with database_down(monkeypatch):
        for _ in range(20):
            assert visit(client).status_code == 200
    assert len([r for r in caplog.records if r.levelno >= logging.WARNING]) == 1


def keeper_fails(patched: pytest.MonkeyPatch) -> None:
    run_instead(patched, fail)


def insert_fails(patched: pytest.MonkeyPatch) -> None:
    patched.setattr("landing.views.add_lead", fail)


@pytest.mark.parametrize("failure", [keeper_fails, insert_fails])
def test_sign_up_is_refused_politely_and_keeps_what_was_typed(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    failure: Callable[[pytest.MonkeyPatch], None],
) -> None:
    visit(client)
    with monkeypatch.context() as patched:
        failure(patched)
        response: Any = client.post("/sign-up", {"email": "somebody@company.example"})
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert 'value="somebody@company.example"' in text_of(response)
    assert 'role="alert"' in text_of(response)
    assert "signed_up" not in response.cookies
    assert not Lead.objects.exists()
    assert client.post("/sign-up", {"email": "somebody@company.example"}).status_code == 303
