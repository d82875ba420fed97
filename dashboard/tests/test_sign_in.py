"""Signing in and out: the throttle, the session key, and where it leads."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from dashboard.tests.browser import path_of
from experiments.tests.factories import make_editor

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def attempt(client: Client, name: str, password: str = PASSWORD, **more: Any) -> Any:
    address = more.pop("address", "192.0.2.1")
    data = {"username": name, "password": password, **more}
    return client.post(path_of("sign-in"), data, REMOTE_ADDR=address)


def test_sign_in_leads_to_the_page_that_was_asked_for() -> None:
    make_editor(username="editor")
    response = attempt(Client(), "editor", next="/dashboard/toggles/")
    assert (response.status_code, response["Location"]) == (302, "/dashboard/toggles/")


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_sign_in_never_leads_to_another_site(elsewhere: str) -> None:
    make_editor(username="editor")
    assert attempt(Client(), "editor", next=elsewhere)["Location"] == "/dashboard/"


def test_sign_in_gives_the_session_a_new_key() -> None:
    make_editor(username="editor")
    client = Client()
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key
    attempt(client, "editor")
    assert client.session.session_key != before


def test_wrong_password_is_told_and_the_name_stays() -> None:
    make_editor(username="editor")
    response = attempt(Client(), "editor", "wrong")
    page = response.content.decode()
    assert response.status_code == 200
    assert "This user name and password don&#x27;t match an account." in page
    assert 'value="editor"' in page


def test_too_many_attempts_from_one_address_wait(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign-ins": 3}
    make_editor(username="editor")
    for guess in ("a", "b", "c"):
        assert attempt(Client(), f"somebody-{guess}", "wrong").status_code == 200
    response = attempt(Client(), "editor")
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "Too many attempts to sign in. Wait" in response.content.decode()
    assert 'value="editor"' in response.content.decode()
    assert attempt(Client(), "editor", address="192.0.2.2").status_code == 302


def test_too_many_guesses_at_one_account_wait_wherever_they_come_from(
    settings: Settings,
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign-ins": 3}
    make_editor(username="editor")
    make_editor(username="other")
    for number, name in enumerate(("editor", "EDITOR", "Editor"), start=1):
        assert attempt(Client(), name, "wrong", address=f"192.0.2.{number}").status_code == 200
    assert attempt(Client(), "editor", address="192.0.2.9").status_code == 429
    assert attempt(Client(), "other", address="192.0.2.9").status_code == 302


def test_somebody_signed_in_is_led_on_from_the_sign_in_page(editor: Client) -> None:
    response: Any = editor.get(path_of("sign-in"))
    assert response["Location"] == "/dashboard/"


def test_sign_out_ends_the_session(editor: Client) -> None:
    response: Any = editor.post(path_of("sign-out"))
    assert response["Location"] == path_of("sign-in")
    again: Any = editor.get(path_of("experiment-list"))
    assert again.status_code == 302
