"""The sign-up form: what is kept, what is refused, and that each success is reported once."""

from __future__ import annotations

import html
import re
import uuid
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from experiments.content import DEFAULTS
from experiments.tests.factories import ExperimentFactory
from landing.tests.visits import text_of, visit
from metrics.models import Lead

pytestmark = pytest.mark.django_db

ADDRESS = "somebody@company.example"


def sign_up(client: Client, email: str = ADDRESS, **headers: str) -> HttpResponse:
    return cast(HttpResponse, client.post("/sign-up", {"email": email}, headers=headers))


def reported_in(response: HttpResponse) -> str | None:
    found = re.search(r'data-form-submit-id="(.*?)"', text_of(response))
    return found[1] if found else None


def typed_in(response: HttpResponse) -> str:
    found = re.search(r'name="email".*? value="(.*?)"', text_of(response))
    assert found
    return html.unescape(found[1])


def test_sign_up_leads_to_thank_you_that_is_reported_once(client: Client) -> None:
    ExperimentFactory()
    visit(client)
    response = sign_up(client)
    assert response.status_code == 303
    assert response["Location"] == "/#sign-up"
    cookie = response.cookies["signed_up"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 60
    event_id = cookie.value
    assert uuid.UUID(event_id).version == 4

    page = visit(client)
    assert reported_in(page) == event_id
    assert DEFAULTS["thanks_title"] in text_of(page)
    assert "<form" not in text_of(page)
    assert page.cookies["signed_up"]["max-age"] == 0

    again = visit(client)
    assert reported_in(again) is None
    assert "<form" in text_of(again)
    assert [lead.email for lead in Lead.objects.all()] == [ADDRESS]


def test_sign_up_twice_keeps_one_row_and_says_the_same(client: Client) -> None:
    ExperimentFactory()
    visit(client)
    first = sign_up(client)
    thanks = visit(client)
    second = sign_up(client, ADDRESS.upper())
    assert (second.status_code, second["Location"]) == (first.status_code, first["Location"])
    assert second.cookies["signed_up"].value != first.cookies["signed_up"].value
    thanks_again = visit(client)
    assert DEFAULTS["thanks_title"] in text_of(thanks)
    assert DEFAULTS["thanks_title"] in text_of(thanks_again)
    assert Lead.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter your e-mail address"),
        ("   ", "Enter your e-mail address"),
        ("not-an-address", "isn’t a complete e-mail address"),
        ("two@at@signs.example", "isn’t a complete e-mail address"),
        ('"><script>alert(1)</script>@x.example', "isn’t a complete e-mail address"),
        ("a" * 250 + "@x.example", "at most 254 characters; this has 260"),
        ("some\x00body@company.example", "e-mail address"),
    ],
)
def test_sign_up_with_bad_address_shows_why_and_keeps_what_was_typed(
    client: Client, typed: str, sentence: str
) -> None:
    ExperimentFactory()
    visit(client)
    response = sign_up(client, typed)
    page = text_of(response)
    assert response.status_code == 422
    error = re.search(r'<p class="field-error" id="email-error">(.*?)</p>', page)
    assert error
    assert sentence in html.unescape(error[1])
    assert 'aria-describedby="email-error email-note" aria-invalid="true" autofocus' in page
    assert typed_in(response) == typed.replace("\x00", "")
    assert "<script>alert" not in page
    assert not Lead.objects.exists()
    assert reported_in(visit(client)) is None


def test_sign_up_with_endless_text_gives_back_no_more_than_needed(client: Client) -> None:
    response = sign_up(client, "x" * 900_000)
    assert response.status_code == 422
    assert len(response.content) < 60_000


def test_sign_up_without_the_field_is_a_field_error(client: Client) -> None:
    assert client.post("/sign-up", {"mail": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("email=" + "x" * 1_200_000, "application/x-www-form-urlencoded"),
        ("no boundary", "multipart/form-data"),
        ("email=%ff%fe", "application/x-www-form-urlencoded"),
        ("email=a@b.example", "application/x-www-form-urlencoded; charset=utf-16"),
        ('{"email": "a@b.example"}', "application/json"),
        ("&".join(f"a{n}=1" for n in range(2000)), "application/x-www-form-urlencoded"),
    ],
)
def test_sign_up_with_malformed_body_is_the_clients_fault(
    client: Client, body: str, content_type: str
) -> None:
    response = client.post("/sign-up", body, content_type=content_type)
    assert 400 <= response.status_code < 500
    assert not Lead.objects.exists()


def test_sign_up_over_the_limit_is_told_when_to_come_back(
    client: Client, settings: Settings
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "signups": 1}
    sign_up(client)
    response = sign_up(client, "somebody.else@company.example")
    assert response.status_code == 429
    seconds = int(response["Retry-After"])
    assert 1 <= seconds <= 60
    assert f"try again in {seconds} seconds" in text_of(response)
    assert typed_in(response) == "somebody.else@company.example"
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("headers", [{"sec_gpc": "1"}, {"user_agent": "Examplebot"}])
def test_sign_up_of_uncounted_visitor_works_without_any_cookie(
    client: Client, headers: dict[str, str]
) -> None:
    ExperimentFactory()
    visit(client, **headers)
    response = sign_up(client, **headers)
    assert response.status_code == 303
    assert response["Location"] == "/?thanks=1#sign-up"
    assert not client.cookies
    thanks = visit(client, "/?thanks=1", **headers)
    assert DEFAULTS["thanks_title"] in text_of(thanks)
    assert reported_in(thanks) is None
    assert Lead.objects.count() == 1


def test_sign_up_of_visitor_who_blocks_cookies_is_thanked(client: Client) -> None:
    assert sign_up(client)["Location"] == "/?thanks=1#sign-up"


def test_thank_you_is_not_spent_by_a_prefetch(client: Client) -> None:
    ExperimentFactory()
    visit(client)
    sign_up(client)
    assert reported_in(visit(client, sec_purpose="prefetch")) is None
    assert reported_in(visit(client))


@pytest.mark.parametrize("value", ["nonsense", "'><script>", ""])
def test_thank_you_cookie_that_is_not_ours_is_ignored(client: Client, value: str) -> None:
    ExperimentFactory()
    client.cookies["signed_up"] = value
    response = visit(client)
    assert "<form" in text_of(response)
    assert reported_in(response) is None


def test_sign_up_address_is_in_no_log_and_no_url(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    ExperimentFactory()
    visit(client)
    response = sign_up(client)
    thanks = visit(client)
    sign_up(client, "not-an-address")
    assert caplog.records
    for record in caplog.records:
        assert ADDRESS not in str(record.__dict__)
        assert "not-an-address" not in str(record.__dict__)
    assert ADDRESS not in response["Location"]
    assert ADDRESS not in text_of(thanks)


@pytest.mark.parametrize("method", ["get", "head"])
def test_sign_up_address_typed_by_hand_leads_to_the_form(client: Client, method: str) -> None:
    response = getattr(client, method)("/sign-up")
    assert response.status_code == 302
    assert response["Location"] == "/#sign-up"


def token_in(response: HttpResponse) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(.*?)"', text_of(response))
    return found[1] if found else ""


class TestForgery:
    """Who may send the form: our own page, with its token, or by the browser's word."""

    @pytest.fixture
    def browser(self) -> Client:
        return Client(enforce_csrf_checks=True)

    def test_form_with_its_token_is_taken(self, browser: Client) -> None:
        token = token_in(visit(browser))
        response = browser.post("/sign-up", {"email": ADDRESS, "csrfmiddlewaretoken": token})
        assert response.status_code == 303

    def test_form_without_token_is_refused(self, browser: Client) -> None:
        visit(browser)
        response = browser.post("/sign-up", {"email": ADDRESS})
        assert response.status_code == 403
        assert b"This form could not be sent" in response.content
        assert not Lead.objects.exists()

    def test_form_with_somebody_elses_token_is_refused(self, browser: Client) -> None:
        visit(browser)
        token = token_in(visit(Client()))
        response = browser.post("/sign-up", {"email": ADDRESS, "csrfmiddlewaretoken": token})
        assert response.status_code == 403

    def test_uncounted_visitors_form_has_no_token_and_is_taken(self, browser: Client) -> None:
        assert token_in(visit(browser, sec_gpc="1")) == ""
        response = sign_up(browser, origin="http://testserver", sec_gpc="1")
        assert response.status_code == 303

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil"])
    def test_form_of_another_site_is_refused(self, browser: Client, origin: str) -> None:
        assert sign_up(browser, origin=origin).status_code == 403
        visit(browser)
        assert sign_up(browser, origin=origin).status_code == 403

    def test_form_of_nowhere_is_refused(self, browser: Client) -> None:
        assert sign_up(browser).status_code == 403

    def test_own_origin_alone_does_not_replace_a_token_that_could_be_there(
        self, browser: Client
    ) -> None:
        visit(browser)
        assert sign_up(browser, origin="http://testserver").status_code == 403

    def test_trusted_origin_is_taken(self, browser: Client, settings: Settings) -> None:
        settings.CSRF_TRUSTED_ORIGINS = ["https://www.company.example"]
        assert sign_up(browser, origin="https://www.company.example").status_code == 303
