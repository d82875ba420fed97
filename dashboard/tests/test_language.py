"""The dashboard in its reader's language, and everything else in English."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from dashboard import mailing
from dashboard.tests.browser import path_of
from experiments.tests.factories import ExperimentFactory, make_token, make_viewer

pytestmark = pytest.mark.django_db
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
SIGN_IN = "/dashboard/sign-in/"


def choose(client: Client, language: str, page: str = SIGN_IN) -> Any:
    return client.post(path_of("language"), {"language": language, "next": page})


def test_page_is_english_where_the_browser_asks_for_nothing() -> None:
    page = Client().get(SIGN_IN)
    assert '<html lang="en"' in page.content.decode()
    assert page["Content-Language"] == "en"


def test_page_is_german_where_the_browser_asks_for_it() -> None:
    page = Client().get(SIGN_IN, headers=GERMAN)
    assert '<html lang="de"' in page.content.decode()
    assert "Anmelden" in page.content.decode()
    assert page["Content-Language"] == "de"
    assert {"Accept-Language", "Cookie"} <= set(page["Vary"].split(", "))


@pytest.mark.parametrize("asked", ["fr", "tlh", "x" * 5000, "*", "\xff"])
def test_page_is_english_where_the_browser_asks_for_what_there_is_not(asked: str) -> None:
    page = Client().get(SIGN_IN, headers={"Accept-Language": asked})
    assert page["Content-Language"] == "en"


def test_choice_outweighs_the_browser_and_leads_back() -> None:
    client = Client()
    answer = choose(client, "de", "/dashboard/password/")
    assert answer["Location"] == "/dashboard/password/"
    cookie = answer.cookies["language"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/dashboard/", True, "Lax")
    assert client.get(SIGN_IN)["Content-Language"] == "de"
    choose(client, "en")
    assert client.get(SIGN_IN, headers=GERMAN)["Content-Language"] == "en"


def test_choice_survives_signing_out(editor: Client) -> None:
    choose(editor, "de")
    editor.post(path_of("sign-out"))
    assert editor.get(SIGN_IN)["Content-Language"] == "de"


@pytest.mark.parametrize("language", ["", "fr", "de-AT", "../de"])
def test_choice_of_what_there_is_not_is_refused(language: str) -> None:
    answer = choose(Client(), language)
    assert answer.status_code == 400
    assert answer.content.decode() == "The language is one of: en, de."
    assert "language" not in answer.cookies


@pytest.mark.parametrize("address", ["", "https://elsewhere.example/", "//elsewhere.example"])
def test_choice_leads_nowhere_else(address: str) -> None:
    assert choose(Client(), "de", address)["Location"] == "/dashboard/"


def test_unknown_language_in_the_cookie_is_no_language() -> None:
    client = Client()
    client.cookies["language"] = "../../etc"
    assert client.get(SIGN_IN)["Content-Language"] == "en"


def test_thread_speaks_english_again_after_a_german_page() -> None:
    assert Client().get(SIGN_IN, headers=GERMAN)["Content-Language"] == "de"
    assert translation.get_language() == "en"


def test_two_threads_each_speak_their_own_reader_s_language() -> None:
    client, spoken, meet = Client(), {}, threading.Barrier(2)

    def ask(language: str) -> None:
        meet.wait()
        with translation.override(language):
            spoken[language] = translation.gettext("Sign in")

    threads = [threading.Thread(target=ask, args=(code,)) for code in ("en", "de")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client is not None
    assert spoken == {"en": "Sign in", "de": "Anmelden"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/api/experiments", None),
        ("post", "/api/experiments", {"name": "", "variants": []}),
        ("post", "/api/experiments", {"name": "A", "variants": [{"name": "A", "weight": 3}]}),
        ("post", "/api/experiments", [1]),
        ("patch", "/api/experiments/{id}", {"status": "draft"}),
        ("patch", "/api/experiments/{id}", {"status": "nonsense"}),
        ("patch", "/api/experiments/{id}", {"variants": [{"name": "Alone", "weight": 100}]}),
        ("post", "/api/toggles", {"key": "Not a key"}),
        ("post", "/api/assignments", {"visitor_id": "x"}),
        ("post", "/api/events", {"event_type": "nonsense"}),
        ("get", "/api/stats?experiment_id=x", None),
        ("get", "/api/nothing", None),
    ],
)
def test_api_answers_the_same_in_english_whatever_the_caller_speaks(
    method: str, path: str, body: object
) -> None:
    """The words of the contract: programs compare them."""
    experiment = ExperimentFactory.create(through=["start"])
    _token, text = make_token()
    answers = []
    for language in ("en", "de"):
        client = Client()
        client.cookies["language"] = language
        headers = {"Authorization": f"Bearer {text}", "Accept-Language": language}
        send: Any = getattr(client, method)
        arguments = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = send(path.format(id=experiment.id), headers=headers, **arguments)
        assert "Content-Language" not in answer
        answers.append((answer.status_code, answer.content))
    assert answers[0] == answers[1]


def test_visitor_s_page_is_the_same_whatever_the_visitor_speaks() -> None:
    ExperimentFactory.create(through=["start"])
    pages = [
        Client().get("/", headers={"Accept-Language": language, "User-Agent": "Googlebot"})
        for language in ("en", "de")
    ]
    assert all("Accept-Language" not in page["Vary"] for page in pages)
    first, second = (page.content.decode().splitlines() for page in pages)
    differing = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    assert all("csrfmiddlewaretoken" in one for one, _other in differing)


def test_e_mail_speaks_the_language_of_the_page_that_asked_for_it() -> None:
    make_viewer(username="ada", email="ada@x.example")
    client = Client()
    client.post(path_of("password-forgotten"), {"email": "ada@x.example"}, headers=GERMAN)
    mailing._worker.submit(lambda: None).result(timeout=10)
    (message,) = mail.outbox
    assert message.subject == "Neues Passwort für Plainsplit wählen"
    assert "Der Benutzername ist ada." in message.body


@pytest.mark.parametrize(
    ("typed", "is_taken"), [("12,5", True), ("12.5", True), ("12,5 %", True), ("zwölf", False)]
)
def test_percentage_may_be_typed_as_the_language_writes_it(
    editor: Client, typed: str, is_taken: bool
) -> None:
    choose(editor, "de")
    experiment = ExperimentFactory.create(through=[])
    sent = {"baseline_rate": typed, "minimum_lift": "20", "power": "0.8", "visitors_per_day": ""}
    page = editor.get(path_of("experiment-plan", experiment.id), sent).content.decode()
    assert ("von 12,5\u00a0% auf mindestens 15,0\u00a0%" in page) is is_taken
