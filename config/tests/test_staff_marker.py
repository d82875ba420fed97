"""Who is signed in with a role isn't counted on the visitors' pages, which ask no session."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client

from experiments import roles
from experiments.staff_marker import MARKER_COOKIE
from experiments.tests.factories import ExperimentFactory, UserFactory, make_editor, make_viewer

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def sign_in(client: Client, user: User) -> None:
    form = {"username": user.username, "password": PASSWORD}
    assert client.post("/dashboard/sign-in/", form).status_code == 302


def exclusion_of(client: Client) -> str | None:
    return client.get("/").headers.get("X-Uncounted")


@pytest.fixture(autouse=True)
def running() -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": "A treatment’s headline"})


@pytest.mark.parametrize("make", [make_viewer, make_editor])
def test_staff_signed_in_see_the_control_and_carry_no_tracker(client: Client, make: object) -> None:
    assert exclusion_of(client) is None
    assert "A treatment’s headline" in client.get("/").content.decode()
    sign_in(client, make())  # type: ignore[operator]  # one of two functions
    assert exclusion_of(client) == "staff"
    page = client.get("/").content.decode()
    assert "A treatment’s headline" not in page
    assert "tracker" not in page


def test_marker_is_out_of_scripts_reach_and_ends_with_the_session(client: Client) -> None:
    sign_in(client, make_viewer())
    marker, session = client.cookies[MARKER_COOKIE], client.cookies["sessionid"]
    assert marker["httponly"]
    assert marker["samesite"] == "Lax"
    assert (marker["max-age"], marker["path"]) == (session["max-age"], "/")
    end = int(marker.value.partition(":")[0])
    assert abs(Session.objects.get().expire_date.timestamp() - end) < 5


def test_marker_over_https_is_secure(client: Client) -> None:
    client.post(
        "/dashboard/sign-in/",
        {"username": make_viewer().username, "password": PASSWORD},
        secure=True,
    )
    assert client.cookies[MARKER_COOKIE]["secure"]


def test_signing_out_ends_it(client: Client) -> None:
    sign_in(client, make_viewer())
    client.post("/dashboard/sign-out/")
    assert client.cookies[MARKER_COOKIE].value == ""
    assert exclusion_of(client) is None


def test_person_without_a_role_is_counted(client: Client) -> None:
    sign_in(client, UserFactory.create())
    assert MARKER_COOKIE not in client.cookies
    assert exclusion_of(client) is None


def test_person_who_loses_the_role_is_counted_after_the_next_sign_in(client: Client) -> None:
    user = make_viewer()
    sign_in(client, user)
    user.groups.clear()
    client.post("/dashboard/sign-out/")
    sign_in(client, user)
    assert exclusion_of(client) is None


def test_session_that_is_gone_takes_the_marker_with_it(client: Client) -> None:
    sign_in(client, make_viewer())
    Session.objects.all().delete()
    client.get("/dashboard/")
    assert exclusion_of(client) is None


def test_marker_is_made_anew_for_a_session_of_before(client: Client) -> None:
    user = make_viewer()
    client.force_login(user)
    assert exclusion_of(client) is None
    client.get("/dashboard/experiments/")
    assert exclusion_of(client) == "staff"


def test_marker_that_holds_costs_no_write(client: Client) -> None:
    sign_in(client, make_editor())
    response = client.get("/dashboard/experiments/")
    assert MARKER_COOKIE not in response.cookies
    assert "sessionid" not in response.cookies


@pytest.mark.parametrize("forged", ["x", "9999999999", "9999999999:", "9999999999:abc", "é:ü"])
def test_forged_marker_is_none(client: Client, forged: str) -> None:
    client.cookies[MARKER_COOKIE] = forged
    assert exclusion_of(client) is None


def test_old_marker_is_none(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client, make_viewer())
    later = time.time() + 15 * 24 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    assert exclusion_of(client) is None


def test_page_for_staff_asks_the_database_nothing(
    client: Client, django_assert_num_queries: object, settings: Any
) -> None:
    sign_in(client, make_viewer())
    settings.SNAPSHOT_MAX_AGE = 60
    client.get("/")
    with django_assert_num_queries(0):  # type: ignore[operator]  # the plugin's fixture has no type
        assert exclusion_of(client) == "staff"


def test_page_without_the_database_is_answered_and_the_marker_waits(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(make_viewer())

    def unavailable(_user: object) -> bool:
        raise OperationalError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(roles, "can_view", unavailable)
        assert client.get("/dashboard/sign-in/").status_code == 302
    assert MARKER_COOKIE not in client.cookies
    client.get("/dashboard/sign-in/")
    assert exclusion_of(client) == "staff"


def test_path_that_does_not_exist_asks_nobody_who_they_are(
    client: Client, django_assert_num_queries: object
) -> None:
    sign_in(client, make_viewer())
    with django_assert_num_queries(0):  # type: ignore[operator]  # as above
        assert client.get("/dashboard/nowhere/").status_code == 404


def test_roles_are_asked_only_when_the_marker_is_due(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, make_viewer())
    asked: list[object] = []
    monkeypatch.setattr(roles, "can_view", asked.append)
    client.get("/dashboard/sign-in/")
    assert asked == []
