"""From an invitation's link to the dashboard."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.tests.browser import messages_in, path_of
from dashboard.tests.paths import invitation_link
from dashboard.throttle import KNOWN_COOKIE
from experiments import people
from experiments.models import Invitation
from experiments.roles import StaffRole
from experiments.tests.factories import make_viewer

pytestmark = pytest.mark.django_db

PASSWORD = "a lamp above the desk"
TYPED = {"username": "ada", "email": "", "password1": PASSWORD, "password2": PASSWORD}


def join(link: str, **changes: str) -> Any:
    return Client().post(link, {**TYPED, **changes})


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (StaffRole.VIEWER, "as a viewer: you can look at every experiment and its results."),
        (StaffRole.EDITOR, "as an editor: you can look at every experiment and its results, and"),
    ],
)
def test_link_says_who_invites_and_to_what(role: StaffRole, words: str) -> None:
    response: Any = Client().get(invitation_link(role, "ada@x.example"))
    page = response.content.decode()
    assert f"{Invitation.objects.get().invited_by} invites you to Plainsplit" in page
    assert words in page
    assert 'value="ada@x.example"' in page
    assert "no-store" in response["Cache-Control"]


def test_joining_makes_the_account_and_signs_in() -> None:
    link, client = invitation_link(StaffRole.VIEWER), Client()
    response: Any = client.post(link, {**TYPED, "email": "ada@x.example"})
    assert response["Location"] == "/dashboard/"
    assert KNOWN_COOKIE in response.cookies
    assert "Welcome, ada" in messages_in(response)[0]
    assert client.get("/dashboard/experiments/").status_code == 200
    ada = User.objects.get(username="ada")
    assert people.role_of(ada) is StaffRole.VIEWER
    assert ada.email == "ada@x.example"
    sent = {"username": "ada", "password": PASSWORD}
    assert Client().post(path_of("sign-in"), sent).status_code == 302


def test_looking_at_the_link_does_not_use_it_up() -> None:
    link = invitation_link()
    for _ in range(3):
        assert Client().get(link).status_code == 200
        assert Client().head(link).status_code == 200
    assert join(link).status_code == 302


def test_link_works_for_one_person() -> None:
    link = invitation_link()
    join(link)
    for response in (Client().get(link), join(link, username="bea")):
        assert response.status_code == 410
        assert "was used, withdrawn, or is older than seven days" in response.content.decode()
    assert not User.objects.filter(username="bea").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"username": ""}, "This field is required."),
        ({"username": "bea"}, "Somebody here has this user name already."),
        ({"username": "BEA"}, "Somebody here has this user name already."),
        ({"username": "a b"}, "Enter a valid username."),
        ({"username": "x" * 151}, "at most 150 characters"),
        ({"username": "a\x00b"}, "Null characters are not allowed."),
        ({"email": "nowhere"}, "Enter a valid email address."),
        ({"password2": PASSWORD + "x"}, "The two passwords differ."),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "password1", "password2": "password1"}, "too common"),
        ({"password1": "20406080101", "password2": "20406080101"}, "entirely numeric"),
        ({"username": "adabyron", "password1": "adabyron", "password2": "adabyron"}, "similar"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_the_link_stays(
    changes: dict[str, str], sentence: str
) -> None:
    make_viewer(username="bea")
    link = invitation_link()
    response = join(link, **changes)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert PASSWORD not in page
    assert join(link).status_code == 302


def test_name_taken_in_the_same_moment_is_said_beside_the_field(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = invitation_link()
    make_viewer(username="ada")
    # As if the other were made between the check and the write.
    monkeypatch.setattr("dashboard.forms.accounts.JoinForm.clean_username", lambda self: "ada")
    monkeypatch.setattr("dashboard.forms.accounts.JoinForm.validate_unique", lambda self: None)
    response = join(link)
    assert response.status_code == 422
    assert "Somebody here has this user name already." in response.content.decode()
    assert Invitation.objects.get().accepted_at is None


def test_somebody_signed_in_keeps_their_account(viewer: Client) -> None:
    link = invitation_link()
    for response in (viewer.get(link), viewer.post(link, TYPED)):
        assert response.status_code == 200
        assert "you are signed in as viewer" in response.content.decode()
    assert not User.objects.filter(username="ada").exists()


@pytest.mark.parametrize("query", ["", "?link=", "?link=x", "?link=%00", "?link=" + "x" * 3000])
def test_link_that_is_none_says_so(query: str) -> None:
    for response in (
        Client().get(path_of("invitation") + query),
        Client().post(path_of("invitation") + query, TYPED),
    ):
        assert response.status_code == 410
        assert "This link doesn’t work" in response.content.decode()


def test_role_is_the_invitations_whatever_is_sent() -> None:
    join(invitation_link(StaffRole.VIEWER), role="editors", is_superuser="on", groups="2")
    ada = User.objects.get(username="ada")
    assert people.role_of(ada) is StaffRole.VIEWER
    assert not ada.is_superuser


def test_secret_of_a_link_stands_in_the_query_which_logs_do_not_keep(
    caplog: pytest.LogCaptureFixture,
) -> None:
    link = invitation_link()
    [secret] = parse_qs(urlsplit(link).query)["link"]
    Client().get(link)
    assert caplog.records
    assert not any(secret in str(vars(record).get("path")) for record in caplog.records)
