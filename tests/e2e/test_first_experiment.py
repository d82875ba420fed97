"""From a fresh installation to a first experiment's first results, as a newcomer walks it.

docs/first-experiment.md tells the same walk; scripts/walk_pictures.py has this test take its
pictures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from experiments.models import Assignment, Experiment
from metrics.models import Lead
from tests.e2e.mishaps import Mishaps
from tests.e2e.pictures import take
from tests.e2e.reports import scroll_to_bottom, wait_for_events
from tests.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long pass phrase"
HEADLINE = "Home by five, with tomorrow planned"
# What a newcomer has; the browser needs a fraction of it.
MOST_SECONDS = 600
# Of one split evenly: fewer than one walk in a million needs more.
MOST_VISITORS = 22


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    """The product on an empty database: nobody is known, and nothing was made."""
    site = Site(tmp_path, with_static_files=True)
    yield site
    site.stop()


@pytest.fixture
def visitors(browser: Browser, site: Site) -> Iterator[Callable[[], Page]]:
    """Makes a browser that was never here, each time."""
    contexts: list[BrowserContext] = []
    watchers: list[Mishaps] = []

    def arrive() -> Page:
        contexts.append(browser.new_context(base_url=site.url))
        watchers.append(Mishaps(contexts[-1]))
        return contexts[-1].new_page()

    yield arrive
    for context in contexts:
        context.close()
    assert [mishap for watcher in watchers for mishap in watcher.unexpected()] == []


def test_newcomer_gets_from_nothing_to_first_results(
    page: Page, visitors: Callable[[], Page], site: Site
) -> None:
    began = time.monotonic()
    site.manage("create_user", "newcomer", "--role", "editor", typed=f"{PASSWORD}\n")
    sign_in(page, site)
    make_experiment(page)
    visit_and_sign_up(visitors())
    come_until_both_variants_were_seen(visitors)
    see_first_results(page)
    assert time.monotonic() - began < MOST_SECONDS


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/dashboard/")
    page.get_by_label("User name").fill("newcomer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Create your first experiment")).to_be_visible()
    take(page, "1-home")


def make_experiment(page: Page) -> None:
    page.get_by_role("link", name="Create your first experiment").click()
    page.get_by_label("What do you want to learn?").fill(
        "Does it help to name the hour when work ends?"
    )
    page.get_by_label("If we …").fill("name the hour in the headline")
    page.get_by_label("then …").fill("more visitors sign up")
    page.get_by_label("because …").fill("they see at once what they get")
    expect(page.get_by_text("it is called “Name the hour in the headline”")).to_be_visible()
    take(page, "2-hypothesis")
    page.get_by_role("button", name="Continue").last.click()

    treatment = page.get_by_role("group", name="Variant 2")
    treatment.locator("summary", has_text="Hero").click()
    treatment.get_by_label("Hero headline").fill(HEADLINE)
    expect(treatment.frame_locator("iframe").locator("h1")).to_have_text(HEADLINE)
    treatment.get_by_text("What it shows").evaluate("it => it.scrollIntoView()")
    take(page, "3-variants")
    page.get_by_role("button", name="Continue").last.click()

    page.get_by_label("Baseline rate").fill("10")
    page.get_by_label("New visitors per day").fill("800")
    expect(page.locator("#answer")).to_contain_text("weeks")
    take(page, "4-plan")
    page.get_by_role("button", name="Continue").last.click()

    expect(page.get_by_role("cell", name=HEADLINE)).to_be_visible()
    expect(page.get_by_text("Before you start")).to_have_count(0)
    take(page, "5-review")
    page.get_by_role("button", name="Start the experiment").click()
    expect(page.get_by_role("heading", name="Name the hour in the headline Active")).to_be_visible()
    expect(page.get_by_text("Waiting for the first visitor")).to_be_visible()


def visit_and_sign_up(visitor: Page) -> None:
    visitor.goto("/")
    headline = visitor.locator("h1").inner_text().replace("\n", " ")
    assert headline in (HEADLINE, "Leave work with tomorrow already planned")
    scroll_to_bottom(visitor)
    visitor.get_by_label("Work e-mail").fill("somebody@company.example")
    visitor.locator("form [type=submit]").click()
    expect(visitor.locator("#sign-up")).to_contain_text("Thank")
    wait_for_events(visitor, 1, event_type="form_submit")
    assert Lead.objects.count() == 1


def come_until_both_variants_were_seen(visitors: Callable[[], Page]) -> None:
    for number in range(2, MOST_VISITORS):
        visitor = visitors()
        visitor.goto("/")
        wait_for_events(visitor, number, event_type="page_view")
        if Assignment.objects.values("variant").distinct().count() > 1:
            return
    pytest.fail(f"{MOST_VISITORS} visitors all got the same variant.")


def see_first_results(page: Page) -> None:
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("Waiting for the first visitor")).to_have_count(0)
    expect(page.locator(".verdict-card")).to_contain_text("Collecting")
    take(page, "6-results")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_role("link", name="Name the hour in the headline")).to_be_visible()
    assert Experiment.objects.get().status == "active"
