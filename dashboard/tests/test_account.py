"""One's own account: the e-mail address and the password, each with the password."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from dashboard.tests.browser import messages_in, path_of, post_part
from experiments.tests.factories import make_viewer

pytestmark = pytest.mark.django_db

OLD, NEW = "correct horse battery", "a lamp above the desk"
CHANGE = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def ada(db: None) -> Client:
    client = Client()
    client.force_login(make_viewer(username="ada", email="old@x.example"))
    return client


def account() -> User:
    return User.objects.get(username="ada")


def test_address_is_changed_with_the_password(ada: Client) -> None:
    assert 'value="old@x.example"' in ada.get(path_of("account")).content.decode()
    sent = {"email": "new@x.example", "password": OLD}
    response: Any = ada.post(path_of("account-email"), sent)
    assert response["Location"] == path_of("account")
    assert messages_in(response) == ["Your e-mail address is saved."]
    assert account().email == "new@x.example"
    ada.post(path_of("account-email"), {"email": "", "password": OLD})
    assert account().email == ""


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"email": "new@x.example", "password": NEW}, "This isn&#x27;t your password."),
        ({"email": "new@x.example"}, "This field is required."),
        ({"email": "nowhere", "password": OLD}, "Enter a valid email address."),
    ],
)
def test_address_is_refused_beside_the_field_and_stays_typed(
    ada: Client, sent: dict[str, str], sentence: str
) -> None:
    response = post_part(ada, path_of("account-email"), sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert page.lstrip().startswith('<div id="account"')
    assert sentence in page
    assert f'value="{sent["email"]}"' in page
    assert account().email == "old@x.example"


def test_changed_password_ends_other_sessions_and_not_this_one(ada: Client) -> None:
    elsewhere = Client()
    elsewhere.force_login(account())
    response: Any = ada.post(path_of("account-password"), CHANGE)
    assert messages_in(response) == [
        "Your password is changed. You are signed out everywhere else."
    ]
    assert ada.get(path_of("account")).status_code == 200
    assert elsewhere.get(path_of("account")).status_code == 302
    assert account().check_password(NEW)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"old_password": "wrong"}, "This isn&#x27;t your password."),
        ({"new_password2": "another one"}, "The two passwords differ."),
        ({"new_password1": "12345678", "new_password2": "12345678"}, "too common"),
        ({"new_password1": "", "new_password2": ""}, "This field is required."),
    ],
)
def test_password_that_cannot_be_is_refused_beside_the_field(
    ada: Client, changes: dict[str, str], sentence: str
) -> None:
    response = ada.post(path_of("account-password"), {**CHANGE, **changes})
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert NEW not in page
    assert account().check_password(OLD)


def test_tries_at_ones_own_password_are_limited(ada: Client, settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign-ins": 3}
    guess = {**CHANGE, "old_password": "wrong"}
    for _ in range(3):
        assert ada.post(path_of("account-password"), guess).status_code == 422
    for path, sent in (("account-password", CHANGE), ("account-email", {"password": OLD})):
        response: Any = ada.post(path_of(path), sent)
        assert response.status_code == 429
        wait = response["Retry-After"]
        assert f"Too many attempts to use your password. Wait {wait} s" in response.content.decode()
    assert account().check_password(OLD)
