"""The end of an experiment in a browser: decided, seen by everybody, undone, recorded."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.tests.browser import age, count_visitors
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from tests.e2e.mishaps import Mishaps
from tests.e2e.staff import confirm, detail, sign_in, toast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

HEADLINE = "Go home at five"


def headline_of_a_stranger(browser: Browser, url: str) -> str:
    """Return what somebody sees who comes for the first time."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/")
    headline = page.locator("h1").inner_text()
    context.close()
    return headline


def test_winner_is_shipped_to_everybody_and_the_decision_undone_and_recorded(
    page: Page, browser: Browser, live_server: object, mishaps: Mishaps
) -> None:
    mishaps.expect("422")
    url = str(live_server)
    # Nobody new gets the treatment, until it is shipped.
    experiment: Experiment = ExperimentFactory.create(
        name="Evenings", split=[100, 0], content={"hero_headline": HEADLINE}
    )
    age(experiment, 9)
    count_visitors(experiment, (2000, 200), (0, 0), days_ago=2)
    sign_in(page, detail(experiment))
    assert headline_of_a_stranger(browser, url) != HEADLINE

    page.get_by_role("link", name="Complete Evenings").click()
    expect(page.get_by_role("heading", name="Complete “Evenings”")).to_be_visible()
    ship = page.get_by_role("radio", name=re.compile("^Ship variant_1"))
    expect(ship).to_have_accessible_description(
        re.compile("Everybody sees variant_1.*The results don't say that variant_1 is better")
    )
    page.get_by_role("button", name="Complete the experiment").click()
    # Nothing is chosen where the results name nobody.
    expect(page.get_by_role("alert")).to_contain_text("Choose what becomes of the experiment.")
    ship.check()
    page.get_by_text("1 text that everybody sees then").click()
    expect(page.get_by_text(HEADLINE)).to_be_visible()
    page.get_by_label("Note").fill("Sales asked for it.")
    page.get_by_role("button", name="Complete the experiment").click()

    toast(page, "From the next page on everybody sees variant_1.")
    made = page.get_by_role("region", name="variant_1 shipped")
    expect(made).to_contain_text("Sales asked for it.")
    assert headline_of_a_stranger(browser, url) == HEADLINE

    confirm(page, "Undo the decision")
    toast(page, "The decision on “Evenings” is undone. It runs again, in a new phase.")
    expect(made).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("^Phase 2, under way"))).to_be_visible()
    assert headline_of_a_stranger(browser, url) != HEADLINE

    page.get_by_role("link", name="History").last.click()
    told = page.get_by_role("listitem")
    for sentence in ("Decision undone", "Decision: ship the winner", "Note: “Sales asked for it.”"):
        expect(told.filter(has_text=re.compile(f"^{sentence}$"))).to_be_visible()
