"""On what visitors come and from where, as the server judges and the page hands on."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from experiments.tests.factories import ExperimentFactory
from landing.tests.visits import text_of, visit

pytestmark = pytest.mark.django_db

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0 Safari/537.36"
ANDROID_PHONE = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/139.0 Mobile Safari/537"
ANDROID_TABLET = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/139.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E1 Safari/60"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Version/12.1 Mobile/15E148 Safari/604.1"
MACINTOSH = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1.15"
FIREFOX_TABLET = "Mozilla/5.0 (Android 16; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0"
FIREFOX_PHONE = "Mozilla/5.0 (Android 16; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def running() -> None:
    ExperimentFactory()


def page_view_in(response: HttpResponse) -> Any:
    found = re.search(r'data-page-view="(.*?)"', text_of(response))
    assert found
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (WINDOWS, "desktop"),
        (MACINTOSH, "desktop"),
        (LINUX, "desktop"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/139.0", "desktop"),
        (ANDROID_PHONE, "phone"),
        (FIREFOX_PHONE, "phone"),
        (IPHONE, "phone"),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80) Presto/2.5.25", "phone"),
        (ANDROID_TABLET, "tablet"),
        (FIREFOX_TABLET, "tablet"),
        (IPAD, "tablet"),
        (
            "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 Silk/98.6 Safari/537",
            "tablet",
        ),
    ],
)
def test_device_is_told_by_the_user_agent(client: Client, user_agent: str, device: str) -> None:
    assert page_view_in(visit(client, user_agent=user_agent))["device"] == device


@pytest.mark.parametrize("user_agent", ["", "curl/8.5.0", "é"])
def test_device_that_says_nothing_of_itself_is_left_out(client: Client, user_agent: str) -> None:
    assert page_view_in(visit(client, user_agent=user_agent)) == {"source": "direct"}


@pytest.mark.parametrize(
    ("path", "referrer", "source"),
    [
        ("/", "", "direct"),
        ("/", "https://www.news.example/story?secret=1", "news.example"),
        ("/", "https://Search.Example:8443/", "search.example"),
        ("/", "android-app://com.example.reader/", "com.example.reader"),
        # From one of our own pages.
        ("/", "http://testserver/sign-up", "direct"),
        ("/", "nothing", "direct"),
        ("/", "https://[broken", "direct"),
        ("/?utm_source=Spring%20%20Newsletter", "https://mail.example/", "spring newsletter"),
        ("/?utm_source=", "https://mail.example/", "mail.example"),
        ("/?utm_source=%00%07", "", "direct"),
        ("/?utm_source=somebody%40company.example", "", "direct"),
        ("/?utm_source=" + "x" * 500, "", "x" * 60),
        ("/?utm_medium=mail", "", "direct"),
        ("/?utm_source=f%C3%BCr%20dich", "", "für dich"),
    ],
)
def test_source_is_the_campaigns_else_the_other_site_else_direct(
    client: Client, path: str, referrer: str, source: str
) -> None:
    headers = {"referer": referrer} if referrer else {}
    assert page_view_in(visit(client, path, **headers))["source"] == source


def test_source_with_markup_stays_within_its_attribute(client: Client) -> None:
    response = visit(client, "/?utm_source=%22%3E%3Cb%20x%27%26")
    assert "<b x" not in text_of(response)
    assert page_view_in(response)["source"] == "\"><b x'&"


def test_page_that_is_kept_tells_each_visitor_their_own(client: Client) -> None:
    sources = ["one", "two", "one"]
    found = [
        page_view_in(visit(Client(), f"/?utm_source={source}"))["source"] for source in sources
    ]
    assert found == sources


@pytest.mark.parametrize("headers", [{"dnt": "1"}, {"user_agent": "Examplebot"}])
def test_page_of_who_is_not_counted_says_nothing_of_them(
    client: Client, headers: dict[str, str]
) -> None:
    response = visit(client, "/?utm_source=spring-campaign", **headers)
    assert "spring-campaign" not in text_of(response)
