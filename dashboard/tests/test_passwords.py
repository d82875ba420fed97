"""A forgotten password: what is sent, to whom, and what nobody can tell from outside."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dashboard import mailing
from dashboard.tests.browser import messages_in, path_of
from dashboard.throttle import KNOWN_COOKIE
from experiments.models import AuditEntry
from experiments.tests.factories import make_viewer

pytestmark = pytest.mark.django_db

NEW = "a lamp above the desk"
TYPED = {"new_password1": NEW, "new_password2": NEW}


def ask(email: str, *, address: str = "192.0.2.1") -> Any:
    return Client().post(path_of("password-forgotten"), {"email": email}, REMOTE_ADDR=address)


def sent() -> list[Any]:
    """Return all e-mails, once those under way are sent: one thread sends them in order."""
    mailing._worker.submit(lambda: None).result(timeout=10)
    return mail.outbox


def link_for(email: str) -> str:
    ask(email)
    found = re.search(r"http://testserver\S+", sent()[-1].body)
    assert found
    return found[0]


def choose(link: str, **changes: str) -> tuple[Client, Any]:
    """Open a link as a browser does, and send the form that it leads to."""
    client = Client()
    opened: Any = client.get(link)
    assert opened.status_code == 302
    return client, client.post(opened["Location"], {**TYPED, **changes})


def test_link_comes_by_e_mail_with_the_user_name() -> None:
    make_viewer(username="ada", email="Ada@x.example")
    response = ask("ada@X.example")
    assert response["Location"] == path_of("password-sent")
    [message] = sent()
    assert message.to == ["Ada@x.example"]
    assert message.subject == "Choose a new password for Plainsplit"
    assert "Your user name is ada." in message.body


def test_new_password_is_chosen_and_signs_in() -> None:
    ada = make_viewer(username="ada", email="ada@x.example")
    elsewhere = Client()
    elsewhere.force_login(ada)
    client, response = choose(link_for("ada@x.example"))
    assert response["Location"] == "/dashboard/"
    assert KNOWN_COOKIE in response.cookies
    assert messages_in(response) == [
        "Your new password is saved. You are signed out everywhere else."
    ]
    assert client.get(path_of("account")).status_code == 200
    assert elsewhere.get(path_of("account")).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(NEW)


def test_record_says_whose_password_was_set_and_by_whom() -> None:
    make_viewer(username="ada", email="ada@x.example")
    choose(link_for("ada@x.example"))
    entry = AuditEntry.objects.filter(object_name="ada", after__has_key="password").latest("id")
    assert (entry.actor_kind, entry.actor_name) == ("person", "ada")
    assert entry.after == {"password": "hidden"}


def test_link_works_once() -> None:
    make_viewer(email="ada@x.example")
    link = link_for("ada@x.example")
    choose(link)
    response: Any = Client().get(link)
    assert response.status_code == 410
    assert "This link doesn’t work" in response.content.decode()


def test_link_works_for_a_day(settings: Settings) -> None:
    make_viewer(email="ada@x.example")
    link = link_for("ada@x.example")
    assert Client().get(link).status_code == 302
    # A token that is older than this is old; none can be younger than that.
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client().get(link).status_code == 410


@pytest.mark.parametrize("event", ["signed in", "deactivated"])
def test_link_ends_with_a_sign_in_and_with_the_account(event: str) -> None:
    ada = make_viewer(email="ada@x.example")
    link = link_for("ada@x.example")
    changed = {"last_login": timezone.now()} if event == "signed in" else {"is_active": False}
    User.objects.filter(pk=ada.pk).update(**changed)
    assert Client().get(link).status_code == 410


def test_key_leaves_the_address_with_the_first_request() -> None:
    make_viewer(email="ada@x.example")
    link = link_for("ada@x.example")
    token = link.rpartition(".")[2]
    response: Any = Client().get(link)
    assert token not in response["Location"]
    # And is worth nothing in another browser.
    assert Client().get(response["Location"]).status_code == 410


@pytest.mark.parametrize("query", ["", "?link=x", "?link=x.y", "?link=MQ.set-password", "?link=."])
def test_link_that_is_none_says_so(query: str) -> None:
    path = path_of("password-choose") + query
    for response in (Client().get(path), Client().post(path, TYPED)):
        assert response.status_code == 410
        assert "Send me another link" in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"new_password2": "another"}, "The two passwords differ."),
        ({"new_password1": "12345678", "new_password2": "12345678"}, "too common"),
    ],
)
def test_password_that_cannot_be_is_refused_and_the_link_stays(
    changes: dict[str, str], sentence: str
) -> None:
    make_viewer(email="ada@x.example")
    link = link_for("ada@x.example")
    _, response = choose(link, **changes)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert choose(link)[1].status_code == 302


@pytest.mark.parametrize("make", [dict, lambda: {"email": "ada@x.example", "is_active": False}])
def test_answer_is_the_same_whether_the_address_is_anybodys_or_not(make: Any) -> None:
    make_viewer(username="known", email="known@x.example")
    make_viewer(username="other", **make())
    answers = [
        (response.status_code, response["Location"], response.content, sorted(response.cookies))
        for response in (ask("known@x.example"), ask("ada@x.example"))
    ]
    assert answers[0] == answers[1]
    assert [message.to for message in sent()] == [["known@x.example"]]


def test_answer_does_not_wait_for_the_mail_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_viewer(email="ada@x.example")
    answered: list[bool] = []
    asked: list[list[bool]] = []
    busy = threading.Event()

    def slow_server(*_args: Any, **_kwargs: Any) -> int:
        asked.append(list(answered))
        return 1

    monkeypatch.setattr(mailing, "send_mail", slow_server)
    # The one thread that sends is busy until the answer is there.
    held = mailing._worker.submit(lambda: busy.wait(10))
    ask("ada@x.example")
    answered.append(True)
    busy.set()
    held.result(timeout=10)
    sent()
    assert asked == [[True]]


def test_mail_server_that_fails_is_nobodys_error(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "no.such.Backend"
    make_viewer(email="ada@x.example")
    assert ask("ada@x.example").status_code == 302
    assert sent() == []


def test_each_account_of_an_address_gets_a_link_of_its_own() -> None:
    for name in ("ada", "ada.work"):
        make_viewer(username=name, email="ada@x.example")
    ask("ada@x.example")
    assert sorted(re.findall(r"user name is (\S+)\.\n", " ".join(m.body for m in sent()))) == [
        "ada",
        "ada.work",
    ]


def test_asking_too_often_waits_by_address_and_by_mailbox(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "password-resets": 2}
    make_viewer(email="ada@x.example")
    for number in (1, 2):
        assert ask("ada@x.example", address=f"192.0.2.{number}").status_code == 302
    response = ask("ADA@x.example", address="192.0.2.3")
    assert response.status_code == 429
    wait = response["Retry-After"]
    page = response.content.decode()
    assert f"Too many attempts to get a link. Wait {wait} second" in page
    assert 'value="ADA@x.example"' in page
    assert ask("a@x.example", address="192.0.2.3").status_code == 302
    assert ask("b@x.example", address="192.0.2.3").status_code == 429
    assert len(sent()) == 2


@pytest.mark.parametrize("email", ["", "nowhere", "a\x00@x.example"])
def test_what_is_no_address_is_said_beside_the_field(email: str) -> None:
    response = ask(email)
    assert response.status_code == 422
    assert 'class="field-error"' in response.content.decode()


def test_installation_without_e_mail_says_so(settings: Settings) -> None:
    settings.SENDS_EMAIL = False
    make_viewer(email="ada@x.example")
    page = Client().get(path_of("password-forgotten")).content.decode()
    assert "This installation sends no e-mail" in page
    assert 'name="email"' not in page
    ask("ada@x.example")
    assert sent() == []
