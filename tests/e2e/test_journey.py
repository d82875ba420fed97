"""The whole product, served by gunicorn as it is deployed: a visit, in staff's figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard.seeding import EXPERIMENT_ID, STAFF_NAME, STAFF_PASSWORD
from experiments.event_types import EventType
from experiments.models import Assignment, Toggle, Variant
from metrics import recount
from metrics.models import Lead
from tests.e2e.mishaps import Mishaps
from tests.e2e.reports import scroll_to_bottom, wait_for, wait_for_events
from tests.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ADDRESS = "somebody@company.example"
# One page view, four depths, one click on a call to action. After the sign-up the page loads again:
# a second page view, what of it is seen at once, and the sign-up itself.
FIRST_PAGE = {EventType.PAGE_VIEW: 1, EventType.SCROLL_DEPTH: 4, EventType.CTA_CLICK: 1}


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path, with_static_files=True)
    site.manage("seed")
    yield site
    site.stop()


@pytest.fixture
def staff(browser: Browser, site: Site) -> Iterator[Page]:
    """A second browser, in which staff have signed in and look at the results."""
    context: BrowserContext = browser.new_context(base_url=site.url)
    watcher = Mishaps(context)
    page = context.new_page()
    page.goto(f"/dashboard/experiments/{EXPERIMENT_ID}/")
    page.get_by_label("User name").fill(STAFF_NAME)
    page.get_by_label("Password").fill(STAFF_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Homepage Hero Test"))
    yield page
    context.close()
    assert watcher.unexpected() == []


def test_visitors_journey_is_what_staff_see_and_their_toggle_what_the_visitor_sees(
    page: Page, staff: Page, site: Site
) -> None:
    response = page.goto(site.url)
    assert response is not None
    variant = Variant.objects.get(pk=Assignment.objects.get().variant_id)
    headline = page.locator("h1").inner_text().replace("\n", " ")
    assert headline in response.text()
    if "hero_headline" in variant.content:
        assert headline == variant.content["hero_headline"]
    expect(page.locator("#hero-banner")).to_be_visible()

    scroll_to_bottom(page)
    page.locator("[data-cta]").last.click()
    page.get_by_label(re.compile("e-?mail", re.IGNORECASE)).fill(ADDRESS)
    page.locator("form [type=submit]").click()
    expect(page.locator("#sign-up")).to_contain_text("Thank")
    wait_for_events(page, 1, event_type=EventType.FORM_SUBMIT)
    page.goto("about:blank")
    for event_type, count in FIRST_PAGE.items():
        wait_for_events(page, count, event_type=event_type)
    assert [lead.email for lead in Lead.objects.all()] == [ADDRESS]
    assert recount.differences() == []

    staff.get_by_role("button", name="Refresh").click()
    # With so few, what is missing stands there, and the figures themselves wait in a drawer.
    table = staff.get_by_role("table", name=re.compile("^Visitors and conversions that each"))
    row = table.get_by_role("row", name=re.compile(rf"^{variant.name}\b"))
    expect(row.get_by_role("cell")).to_have_text(["1 of 100", "1 of 10"])
    staff.get_by_text("The counts so far").click()
    table = staff.get_by_role("table", name=re.compile("^Visitors, conversions"))
    row = table.get_by_role("row", name=re.compile(rf"^{variant.name}\b"))
    # Visitors, conversions, rate with its interval.
    figures: list[str | re.Pattern[str]] = [
        "1",
        "1",
        re.compile("^100"),
        re.compile("withheld|compared with"),
    ]
    expect(row.get_by_role("cell")).to_have_text(figures)

    staff.get_by_role("link", name="Toggles").click()
    switch = staff.get_by_role("switch", name=re.compile("show_hero_banner"))
    switch.click()
    expect(switch).not_to_be_checked()
    # The switch shows at once what was wished; the toggle itself follows.
    wait_for(staff, lambda: not Toggle.objects.get(key="show_hero_banner").enabled, "the toggle")

    def is_gone() -> bool:
        page.goto(site.url)
        return page.locator("#hero-banner").count() == 0

    # Each process hears of it within a second.
    wait_for(page, is_gone, "the page without its banner")
