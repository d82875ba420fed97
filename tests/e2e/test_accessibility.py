"""axe-core finds nothing on any page, in light or in dark; a page without an entry fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, Error, Page, Route

from experiments.tests.factories import make_editor
from tests.e2e.axe import violations_in_both_themes
from tests.e2e.every_page import (
    FRAMED_PAGES,
    GUEST_PAGES,
    OTHER_PAGES,
    STAFF_PAGES,
    WITHOUT_PAGE,
    fill,
    named_urls,
    path_of,
)
from tests.e2e.mishaps import Mishaps

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
ERROR_PAGES = {"403_csrf.html": 403, "404.html": 404, "500.html": 500, "503.html": 503}


class Tour:
    """A walk through pages that notes what is wrong with each, to say it all at the end."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.may_fail: set[str] = set()
        self.found: dict[str, list[str]] = {}

    def visit(self, name: str, path: str) -> None:
        """Look at what is there, if it is a page: exports are files, and drawings are in pages."""
        try:
            answer = self.page.goto(path, wait_until="load")
        except Error as error:
            assert "Download is starting" in error.message, path  # noqa: PT017  (all else is wrong)
            return
        if answer and answer.headers["content-type"].startswith("text/html"):
            assert answer.status < 400 or name in self.may_fail, f"{path}: {answer.status}"
            self.look(name)

    def look(self, name: str) -> None:
        wrong = violations_in_both_themes(self.page)
        if wrong:
            self.found[name] = wrong


def sign_in_at_once(context: BrowserContext, url: str, user: User) -> None:
    """Give the browser a session of `user`, without the form."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])


def test_every_url_is_known_to_be_a_page_or_not() -> None:
    assert named_urls() == {*STAFF_PAGES, *GUEST_PAGES, *WITHOUT_PAGE, *OTHER_PAGES}


def test_every_page_of_the_dashboard_is_open_to_all(
    page: Page, context: BrowserContext, live_server: Any
) -> None:
    busy = fill()
    sign_in_at_once(context, live_server.url, make_editor(username="reader"))
    tour = Tour(page)
    for name in (*STAFF_PAGES, *FRAMED_PAGES):
        tour.visit(name, path_of(name, busy))
    assert not tour.found, json.dumps(tour.found, indent=1, ensure_ascii=False)


def test_what_opens_on_a_page_is_open_to_all(
    page: Page, context: BrowserContext, live_server: Any
) -> None:
    fill()
    sign_in_at_once(context, live_server.url, make_editor())
    tour = Tour(page)
    page.goto("/dashboard/toggles/")
    page.get_by_role("button", name="Account:").click()
    tour.look("account menu")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete").first.click()
    tour.look("confirmation")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict
    for path in ("/dashboard/", "/dashboard/experiments/", "/dashboard/people/"):
        tour.visit(f"{path} on a phone", path)
    page.get_by_role("button", name="Menu").click()
    tour.look("menu on a phone")
    assert not tour.found, json.dumps(tour.found, indent=1, ensure_ascii=False)


def test_pages_for_whoever_is_not_signed_in_are_open_to_all(page: Page, mishaps: Mishaps) -> None:
    # The browser says in its console what a page was answered with.
    mishaps.expect("403", "404", "410", "500", "503")
    busy = fill()
    tour = Tour(page)
    # A page in a frame says that one has to sign in.
    tour.may_fail = {"no preview", *ERROR_PAGES, *FRAMED_PAGES}
    for name in GUEST_PAGES:
        tour.visit(name, path_of(name, busy))
    for name, make in OTHER_PAGES.items():
        if make:
            tour.visit(name, path_of(name, busy))
    tour.visit("no preview", "/preview/nothing")
    for name, status in ERROR_PAGES.items():
        page.route(f"**/{name}", failing_with(name, status))
        tour.visit(name, f"/{name}")
    page.goto("/dashboard/sign-in/")
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    tour.look("sign-in refused")
    assert not tour.found, json.dumps(tour.found, indent=1, ensure_ascii=False)


def failing_with(template: str, status: int) -> Callable[[Route], None]:
    """Answer as the site does when it fails; these pages are fixed texts."""
    source = Path(settings.BASE_DIR, "templates", template).read_text()
    body = source.partition("<!doctype html>")[2]
    return lambda route: route.fulfill(
        status=status, content_type="text/html", body=f"<!doctype html>{body}"
    )
