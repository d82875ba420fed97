"""Toggles with a share, a time and a reason; the event stream; the first page, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory, ToggleFactory
from metrics.tests.counted import age
from metrics.tests.verdicts import case
from tests.e2e.mishaps import Mishaps
from tests.e2e.staff import sign_in, toast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.browser_context_args(timezone_id="Europe/Berlin")
def test_toggle_gets_a_share_a_time_in_the_readers_zone_and_a_reason(
    page: Page, mishaps: Mishaps
) -> None:
    mishaps.expect("422", "Response Status Error Code")
    toggle = ToggleFactory.create(key="show_hero_banner")
    sign_in(page, "/dashboard/toggles/")
    page.get_by_role("switch", name="show_hero_banner").click()
    toast(page, "show_hero_banner is on")
    page.get_by_text("Say why show_hero_banner").click()
    page.get_by_label("Why was show_hero_banner changed?").fill("The launch is today")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The launch is today")).to_be_visible()
    expect(page.get_by_text("On for everybody")).to_be_visible()

    page.get_by_role("link", name="Change show_hero_banner").click()
    page.get_by_label("Share of visitors").fill("30")
    turns_on = page.get_by_label("Turns on")
    turns_on.fill("2099-11-24T10:00")
    expect(
        page.get_by_text("In your time zone, Europe/Berlin. In UTC: 2099-11-24 09:00.")
    ).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Say why in a few words")).to_be_visible()
    # What was typed is still there, and still in the reader's zone.
    expect(turns_on).to_have_value("2099-11-24T10:00")
    page.get_by_label("Why this change?").fill("Not before the office is there")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Turns on 24 Nov 2099, 10:00")).to_be_visible()
    expect(page.get_by_text("For 30 % of visitors")).to_be_visible()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    toggle.refresh_from_db()
    assert toggle.turns_on_at == datetime(2099, 11, 24, 9, 0, tzinfo=UTC)
    assert (toggle.enabled, toggle.reason) == (True, "Not before the office is there")


@pytest.fixture
def visitor(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """A page in a browser in which nobody is signed in."""
    context = browser.new_context(**browser_context_args)
    watcher = Mishaps(context)
    yield context.new_page()
    context.close()
    assert watcher.unexpected() == []


def test_stream_shows_what_another_browser_does_and_is_still_otherwise(
    page: Page, visitor: Page
) -> None:
    ExperimentFactory.create(name="Louder")
    statuses: list[int] = []
    page.on(
        "response",
        lambda answer: statuses.append(answer.status) if "cursor=" in answer.url else None,
    )
    sign_in(page, "/dashboard/events/")
    expect(
        page.get_by_role("heading", name="Nothing arrived in the last 15 minutes")
    ).to_be_visible()
    page.wait_for_event("response", lambda answer: "cursor=" in answer.url)
    assert set(statuses) == {204}

    visitor.goto("/")
    row = page.get_by_role("row").filter(has_text="Page view").first
    expect(row).to_contain_text("Louder")
    expect(row).to_contain_text("desktop, direct")
    expect(page.locator("#stream-news")).to_have_text("New events arrived.")
    row.get_by_role("link").click()
    expect(page.get_by_label("Visitor")).to_have_value(re.compile("^[0-9a-f-]{36}$"))
    expect(page.get_by_role("row").filter(has_text="Page view")).to_have_count(1)

    page.get_by_role("link", name="Clear").click()
    page.get_by_role("link", name="Pause").click()
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Go on")).to_be_focused()
    with visitor.expect_response("**/api/events/batch"):
        visitor.reload()
    expect(page.get_by_role("row").filter(has_text="Page view")).to_have_count(1)
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("row").filter(has_text="Page view")).to_have_count(2)


def test_home_leads_from_the_first_step_to_what_wants_attention(page: Page) -> None:
    sign_in(page)
    expect(page.get_by_role("link", name="Create your first experiment")).to_be_visible()
    won = case("winner")
    silent = ExperimentFactory.create(name="Nobody comes")
    age(silent, 2)
    Experiment.objects.filter(pk=silent.pk).update(updated_at=timezone.now() - timedelta(days=1))
    # As by coming back to the tab.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    attention = page.get_by_role("region", name="What wants attention")
    expect(attention.get_by_text("variant_1 is better than control")).to_be_visible()
    running = page.get_by_role("region", name="What runs now")
    expect(running.get_by_role("link", name="Nobody comes")).to_be_visible()
    attention.get_by_role("link", name="See what arrives").click()
    expect(page.get_by_label("Experiment")).to_have_value(str(silent.id))
    page.go_back()
    attention.get_by_role("link", name=re.compile("^Decide")).click()
    expect(page.get_by_role("heading", level=1, name=re.compile(won.name))).to_be_visible()
