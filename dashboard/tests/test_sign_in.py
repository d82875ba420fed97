"""Signing in and out: the throttle, the session key, and where it leads."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from dashboard.tests.browser import path_of
from dashboard.throttle import KNOWN_COOKIE
from experiments.tests.factories import make_editor

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def attempt(client: Client, name: str, password: str = PASSWORD, **more: Any) -> Any:
    address = more.pop("address", "192.0.2.1")
    data = {"username": name, "password": password, **more}
    return client.post(path_of("sign-in"), data, REMOTE_ADDR=address)


def guess_from_everywhere(name: str, guesses: int, *, network: str = "192.0.2") -> list[int]:
    """Return the statuses of guesses at one account, each from an address of its own."""
    return [
        attempt(Client(), name, "wrong", address=f"{network}.{number}").status_code
        for number in range(1, guesses + 1)
    ]


@pytest.fixture
def few_attempts(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign-ins": 3, "account-sign-ins": 4}


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
    assert KNOWN_COOKIE not in response.cookies


def test_deactivated_person_is_told_what_a_stranger_is_told() -> None:
    make_editor(username="editor", is_active=False)
    page = attempt(Client(), "editor").content.decode()
    assert "This user name and password don&#x27;t match an account." in page


def test_too_many_attempts_from_one_address_wait(few_attempts: None) -> None:
    make_editor(username="editor")
    for guess in ("a", "b", "c"):
        assert attempt(Client(), f"somebody-{guess}", "wrong").status_code == 200
    response = attempt(Client(), "editor", next="/dashboard/toggles/")
    page = response.content.decode()
    assert response.status_code == 429
    seconds = int(response["Retry-After"])
    assert 1 <= seconds <= 60
    assert f"Too many attempts to sign in. Wait {seconds} second" in page
    assert 'value="editor"' in page
    assert 'name="next" value="/dashboard/toggles/"' in page
    assert "correct horse" not in page
    assert attempt(Client(), "editor", address="192.0.2.2").status_code == 302


def test_too_many_guesses_at_one_account_wait_wherever_they_come_from(
    few_attempts: None,
) -> None:
    make_editor(username="editor")
    make_editor(username="other")
    assert guess_from_everywhere("editor", 4) == [200] * 4
    assert attempt(Client(), "editor", address="198.51.100.1").status_code == 429
    assert attempt(Client(), "other", address="198.51.100.1").status_code == 302


@pytest.mark.parametrize("spelling", ["EDITOR", " editor ", "ｅｄｉｔｏｒ", "Editor\u2003"])
def test_spellings_of_one_account_are_counted_together(few_attempts: None, spelling: str) -> None:
    guess_from_everywhere("editor", 2)
    guess_from_everywhere(spelling, 2, network="198.51.100")
    assert attempt(Client(), "editor", address="203.0.113.1").status_code == 429


def test_one_address_alone_does_not_lock_an_account(few_attempts: None) -> None:
    make_editor(username="editor")
    statuses = [attempt(Client(), "editor", "wrong").status_code for _ in range(9)]
    assert statuses == [200] * 3 + [429] * 6
    assert attempt(Client(), "editor", address="192.0.2.2").status_code == 302


def test_known_browser_gets_in_while_others_guess(few_attempts: None) -> None:
    make_editor(username="editor")
    known = Client()
    attempt(known, "editor", address="203.0.113.1")
    known.post(path_of("sign-out"))
    guess_from_everywhere("editor", 9)
    assert attempt(Client(), "editor", address="203.0.113.2").status_code == 429
    assert attempt(known, " editor", address="203.0.113.1").status_code == 302


def test_known_browser_is_known_for_its_own_account_alone(few_attempts: None) -> None:
    make_editor(username="editor")
    make_editor(username="other")
    known = Client()
    attempt(known, "other", address="203.0.113.1")
    known.post(path_of("sign-out"))
    guess_from_everywhere("editor", 4)
    assert attempt(known, "editor", address="203.0.113.1").status_code == 429


def test_known_browser_is_counted_too(few_attempts: None) -> None:
    make_editor(username="editor")
    known = Client()
    attempt(known, "editor")
    known.post(path_of("sign-out"))
    statuses = [
        attempt(known, "editor", "wrong", address=f"203.0.113.{number}").status_code
        for number in range(5)
    ]
    assert statuses == [200] * 3 + [429] * 2


def test_made_up_mark_of_a_known_browser_is_none(few_attempts: None) -> None:
    make_editor(username="editor")
    guess_from_everywhere("editor", 4)
    client = Client()
    attempt(client, "other")
    client.cookies[KNOWN_COOKIE] = "0" * 32 + "-0000000000000000:x:y"
    assert attempt(client, "editor", address="203.0.113.1").status_code == 429


def test_mark_of_a_known_browser_says_nothing_of_the_name() -> None:
    make_editor(username="editor")
    cookie = attempt(Client(), "editor").cookies[KNOWN_COOKIE]
    assert "editor" not in cookie.value
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/dashboard/"


def test_somebody_signed_in_is_led_on_from_the_sign_in_page(editor: Client) -> None:
    response: Any = editor.get(path_of("sign-in"))
    assert response["Location"] == "/dashboard/"


def test_sign_out_ends_the_session(editor: Client) -> None:
    response: Any = editor.post(path_of("sign-out"))
    assert response["Location"] == path_of("sign-in")
    again: Any = editor.get(path_of("experiment-list"))
    assert again.status_code == 302
