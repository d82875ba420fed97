"""The simulator in a browser: waited for, looked at, linked to."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.staff import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
MOST_MS = 60_000


def test_simulation_is_run_waited_for_and_remembered_at_its_address(
    page: Page, expected_in_console: Callable[[str], None]
) -> None:
    expected_in_console("422")
    sign_in(page, "/dashboard/simulate/")
    page.get_by_label("True rate of the control").fill("10")
    page.get_by_label("Visitors per variant").fill("1000")
    page.get_by_label("Days, with a look at the end of each").fill("5")
    page.get_by_role("button", name="Run the simulation").click()
    expect(page.get_by_text("no verdict comes before a week is over")).to_be_visible()

    page.get_by_label("Days, with a look at the end of each").fill("14")
    page.get_by_label("Runs of each kind").fill("400")
    page.get_by_role("button", name="Run the simulation").click()
    expect(page.get_by_role("heading", name="Simulating 400 experiments")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page).to_have_url(re.compile(r"baseline_rate=10&.*&days=14&.*&runs=400"))
    found = page.get_by_role("region", name="Finds the lift")
    expect(found).to_contain_text("of 400 experiments it won", timeout=MOST_MS)

    # Whoever waited with the keyboard is at the answer, and the address keeps it.
    expect(page.get_by_role("heading", name="The answer of 400 runs")).to_be_focused()
    told = found.text_content()
    page.reload()
    expect(found).to_have_text(told or "")
    expect(page.get_by_role("img", name="p-values over 14 days of 8 experiments")).to_be_visible()
    page.get_by_text("The p-values as a table").click()
    expect(page.get_by_role("columnheader", name="Run 8")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
