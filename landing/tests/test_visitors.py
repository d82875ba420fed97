"""Who is counted, who isn't, and what the visitor_id cookie is like."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from pytest_django import Settings

from experiments.models import Assignment
from experiments.tests.factories import ExperimentFactory
from landing.tests.visits import TREATMENT, headline_of, tracked_in, visit, visitor_in
from landing.visitors import VISITOR_COOKIE

pytestmark = pytest.mark.django_db

BOTS = [
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/about)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0)",
    "Some-Web-Crawler/1.0",
    "Baiduspider+(+https://spider.example)",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (Linux) Chrome/120.0 Mobile Safari/537.36 Chrome-Lighthouse",
    "UptimeChecker/3",
]
BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/99.0 Mobile",
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 HeadlessChrome/156.0 Safari/537.36",
    "curl/8.9.1",
    "",
]


def test_visitor_new_gets_cookie_for_a_year(client: Client) -> None:
    response = visit(client)
    cookie = response.cookies[VISITOR_COOKIE]
    assert uuid.UUID(cookie.value).version == 4
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 365 * 24 * 3600
    assert cookie["path"] == "/"
    assert not cookie["secure"]


def test_visitor_over_https_gets_secure_cookies(client: Client) -> None:
    ExperimentFactory()
    response = client.get("/", secure=True)
    assert {name for name, cookie in response.cookies.items() if cookie["secure"]} >= {
        VISITOR_COOKIE,
        "assignments",
    }


def test_visitor_behind_https_proxy_gets_secure_cookie(client: Client, settings: Settings) -> None:
    settings.HTTPS = True
    assert visit(client).cookies[VISITOR_COOKIE]["secure"] is True


def test_visitor_returning_keeps_id_and_gets_no_new_cookie(client: Client) -> None:
    ExperimentFactory()
    first = visit(client)
    second = visit(client)
    assert visitor_in(second) == first.cookies[VISITOR_COOKIE].value
    assert VISITOR_COOKIE not in second.cookies


@pytest.mark.parametrize(
    "presented",
    [
        "nonsense",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "'; DROP TABLE experiments_assignment",
        "é" * 20,
        "x" * 4000,
    ],
)
def test_visitor_malformed_cookie_is_replaced(client: Client, presented: str) -> None:
    ExperimentFactory()
    client.cookies[VISITOR_COOKIE] = presented
    response = visit(client)
    assert response.status_code == 200
    assert response.cookies[VISITOR_COOKIE].value == visitor_in(response) != presented


def test_visitor_upper_case_cookie_is_canonicalised(client: Client) -> None:
    ExperimentFactory()
    visitor_id = str(uuid.uuid4())
    client.cookies[VISITOR_COOKIE] = visitor_id.upper()
    response = visit(client)
    assert visitor_in(response) == visitor_id
    assert response.cookies[VISITOR_COOKIE].value == visitor_id
    assert str(Assignment.objects.get().visitor_id) == visitor_id


@pytest.mark.parametrize("user_agent", BOTS)
def test_visitor_bot_gets_control_and_no_cookie(client: Client, user_agent: str) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    _assert_uncounted(client, "bot", user_agent=user_agent)


@pytest.mark.parametrize("user_agent", BROWSERS)
def test_visitor_browser_is_counted(client: Client, user_agent: str) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    response = visit(client, user_agent=user_agent)
    assert headline_of(response) == TREATMENT
    assert tracked_in(response)
    assert "X-Uncounted" not in response


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"sec_purpose": "prefetch"}, "prefetch"),
        ({"sec_purpose": "prefetch;prerender"}, "prefetch"),
        ({"purpose": "Prefetch"}, "prefetch"),
        ({"sec_gpc": "1"}, "privacy_signal"),
        ({"dnt": "1"}, "privacy_signal"),
    ],
)
def test_visitor_excluded_by_header_gets_control_and_no_cookie(
    client: Client, headers: dict[str, str], reason: str
) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    _assert_uncounted(client, reason, **headers)


def test_visitor_excluded_keeps_the_cookie_of_earlier_but_sees_control(client: Client) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    visit(client)
    response = visit(client, sec_gpc="1")
    assert headline_of(response) != TREATMENT
    assert not response.cookies
    assert visitor_in(response) is None


def test_visitor_with_privacy_signal_is_counted_where_the_setting_says_so(
    client: Client, settings: Settings
) -> None:
    settings.RESPECT_PRIVACY_SIGNALS = False
    ExperimentFactory()
    assert tracked_in(visit(client, dnt="1", sec_gpc="1"))


@pytest.mark.parametrize("headers", [{"dnt": "0"}, {"sec_gpc": "0"}, {"dnt": "unspecified"}])
def test_visitor_without_a_wish_for_privacy_is_counted(
    client: Client, headers: dict[str, str]
) -> None:
    ExperimentFactory()
    assert tracked_in(visit(client, **headers))


def test_visitor_by_head_is_not_counted(client: Client) -> None:
    ExperimentFactory()
    response = client.head("/")
    assert response.status_code == 200
    assert response["X-Uncounted"] == "head"
    assert not response.cookies
    assert not Assignment.objects.exists()


def _assert_uncounted(client: Client, reason: str, **headers: str) -> None:
    response = visit(client, **headers)
    assert response.status_code == 200
    assert headline_of(response) != TREATMENT
    assert response["X-Uncounted"] == reason
    assert not response.cookies
    assert "tracker" not in response.content.decode()
    assert visitor_in(response) is None
    assert not Assignment.objects.exists()
