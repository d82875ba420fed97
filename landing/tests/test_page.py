"""The page as a document: headers, weight, structure; and the pages for what went wrong."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from pytest_django import Settings

from experiments.tests.factories import ExperimentFactory, ToggleFactory
from landing.tests.visits import text_of, visit

pytestmark = pytest.mark.django_db

STATIC = Path(settings.BASE_DIR) / "static"
VOID = {"meta", "link", "input", "br", "hr", "img"}
ERROR_PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"]


class Outline(HTMLParser):
    """What a document is made of; raises AssertionError where tags don't nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute twice on <{tag}>"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture
def whole_page(client: Client) -> HttpResponse:
    """The page with everything on it."""
    for key in ("show_hero_banner", "enable_social_proof"):
        ToggleFactory(key=key, enabled=True)
    ExperimentFactory()
    return visit(client)


@pytest.fixture
def outline(whole_page: HttpResponse) -> Outline:
    return Outline(text_of(whole_page))


def test_page_is_never_stored_and_has_the_policy(whole_page: HttpResponse) -> None:
    assert whole_page["Cache-Control"] == "private, no-store"
    assert whole_page["Content-Type"] == "text/html; charset=utf-8"
    policy = whole_page["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


def test_page_compressed_is_under_14_kb(whole_page: HttpResponse, client: Client) -> None:
    response = visit(client, accept_encoding="gzip")
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 14_000
    assert b"<h1" in gzip.decompress(response.content)


def test_page_tells_in_development_what_its_parts_took(
    whole_page: HttpResponse, client: Client, settings: Settings
) -> None:
    settings.TELLS_TIMINGS = True
    told = visit(client)["Server-Timing"]
    assert re.fullmatch(r"assignment;dur=\d+\.\d\d, render;dur=\d+\.\d\d", told)
    settings.TELLS_TIMINGS = False
    assert "Server-Timing" not in visit(client)


def test_page_touches_no_session(whole_page: HttpResponse) -> None:
    assert settings.SESSION_COOKIE_NAME not in whole_page.cookies


def test_stylesheet_and_tracker_are_light() -> None:
    stylesheet = (STATIC / "landing/landing.css").read_bytes()
    tracker = (STATIC / "landing/tracker.js").read_bytes()
    assert len(gzip.compress(stylesheet)) < 10_000
    assert len(gzip.compress(tracker)) < 3_000
    assert len(tracker.splitlines()) <= 150


def test_page_has_one_h1_and_headings_in_order(outline: Outline) -> None:
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_page_has_landmarks_and_a_way_past_the_menu(outline: Outline) -> None:
    tags = Counter(tag for tag, _ in outline.tags)
    assert (tags["header"], tags["main"], tags["footer"]) == (1, 1, 1)
    assert {attributes.get("aria-label") for attributes in outline.named("nav")} == {
        "On this page",
        "More of this page",
    }
    assert outline.named("a")[0] == {"class": "skip", "href": "#main"}


def test_page_ids_are_unique_and_references_lead_to_them(outline: Outline) -> None:
    ids = Counter(attributes["id"] for _, attributes in outline.tags if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    wanted = set()
    for _, attributes in outline.tags:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            wanted |= set((attributes.get(name) or "").split())
        if (attributes.get("href") or "").startswith("#"):
            wanted.add((attributes["href"] or "")[1:])
    assert wanted - set(ids) == set()


def test_page_images_have_dimensions_and_a_name_or_none(outline: Outline) -> None:
    for attributes in outline.named("svg", "img"):
        assert attributes.get("width")
        assert attributes.get("height")
        assert attributes.get("aria-hidden") == "true" or (
            attributes.get("role") == "img"
            and (attributes.get("aria-label") or attributes.get("aria-labelledby"))
        )


def test_page_has_no_inline_script_or_style_and_asks_nobody_else(outline: Outline) -> None:
    scripts = outline.named("script")
    assert len(scripts) == 1
    assert "defer" in scripts[0]
    assert (scripts[0]["src"] or "").startswith("/static/landing/tracker")
    for tag, attributes in outline.tags:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        if tag in {"link", "script", "img"} and attributes.get("rel") != "canonical":
            assert (attributes.get("href") or attributes.get("src") or "").startswith("/static/")


def test_page_describes_itself_to_machines(outline: Outline) -> None:
    metas = outline.named("meta")
    described = {
        attributes.get("name") or attributes.get("property"): attributes["content"] or ""
        for attributes in metas
        if "content" in attributes
    }
    assert len(described["description"]) > 50
    assert described["og:url"] == "http://testserver/"
    assert described["og:image"].startswith("http://testserver/static/landing/og")
    assert {"og:title", "og:description", "og:type", "viewport", "theme-color"} <= set(described)
    [canonical] = [a for a in outline.named("link") if a.get("rel") == "canonical"]
    assert canonical["href"] == "http://testserver/"


def test_share_image_has_the_size_that_the_page_says(outline: Outline) -> None:
    data = (STATIC / "landing/og.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (1200, 630)
    assert len(data) < 200_000


def test_page_by_post_is_refused(client: Client) -> None:
    assert client.post("/").status_code == 405


def test_page_for_an_unknown_host_is_refused(client: Client) -> None:
    response = visit(client, host="evil.example")
    assert response.status_code == 400
    assert "This request can’t be answered" in text_of(response)


def test_favicon_is_found_where_browsers_look(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"] == "/static/favicon.svg"
    assert (STATIC / "favicon.svg").exists()


def test_robots_are_kept_out_of_dashboard_and_api(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain"
    assert "Disallow: /dashboard/" in text_of(response)
    assert "Disallow: /api/" in text_of(response)


def test_unknown_path_shows_the_404_page(client: Client) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "There is nothing at this address" in text_of(response)


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_error_page_is_whole_and_needs_nothing(name: str) -> None:
    source = (Path(settings.BASE_DIR) / "templates" / name).read_text()
    assert "{%" not in source
    assert "{{" not in source
    page = render_to_string(name)
    outline = Outline(page)
    assert len(outline.named("h1")) == 1
    assert settings.STATIC_URL == "/static/"
    for attributes in outline.named("link"):
        path = (attributes["href"] or "").removeprefix("/static/")
        assert (STATIC / path).exists()
