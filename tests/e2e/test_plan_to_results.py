"""From a draft to what is known: plan, start, and results, as a person does it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser import age, count_visitors
from experiments.models import Experiment, Goal, Plan
from experiments.tests.factories import ExperimentFactory
from tests.e2e.staff import detail, sign_in, toast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_plan_is_worked_out_while_typing_started_and_judged(page: Page) -> None:
    experiment: Experiment = ExperimentFactory.create(name="Evenings", through=[])
    sign_in(page, detail(experiment))

    # A goal to guard.
    page.get_by_role("link", name="Plan", exact=True).click()
    page.get_by_role("link", name="Edit goals").click()
    page.get_by_role("link", name="Add a goal").click()
    page.get_by_label("Name", exact=True).fill("Clicked away")
    page.get_by_label("Clicks", exact=True).check()
    page.get_by_role("button", name="Save the goal").click()
    toast(page, "“Clicked away” is saved.")
    page.get_by_role("link", name="Back to the plan").click()

    # The answer follows what is typed.
    answer = page.locator("#answer")
    expect(answer).to_contain_text("8,158")
    page.get_by_label("Baseline rate").fill("20")
    page.get_by_label("Smallest lift worth having").fill("25")
    page.get_by_label("New visitors per day").fill("100")
    expect(answer).to_contain_text("1,094")
    expect(answer).to_contain_text("4 weeks")
    page.get_by_label("Baseline rate").fill("40")
    page.get_by_label("Smallest lift worth having").fill("160")
    expect(answer).to_contain_text("A baseline of 40 % allows a lift of at most 150 %.")
    page.get_by_label("Baseline rate").fill("20")
    page.get_by_label("Smallest lift worth having").fill("25")
    expect(answer).to_contain_text("1,094")
    page.get_by_label("Clicked away").select_option(label="must not rise")
    page.get_by_role("button", name="Continue").last.click()
    expect(page.get_by_text("1,094 visitors per variant")).to_be_visible()
    page.get_by_role("button", name="Start the experiment").click()

    expect(page.get_by_role("heading", name="Evenings Active")).to_be_visible()
    toast(page, "“Evenings” runs now.")
    expect(page.get_by_text("1,094 per variant, 28 days")).to_be_visible()
    expect(page.get_by_text("Waiting for the first visitor")).to_be_visible()
    assert Plan.objects.get().frozen_at is not None
    guardrail = Goal.objects.get(role="guardrail")

    # Visitors come; the page says what is known, and then that it is decided.
    age(experiment, 9)
    clicks = {guardrail.kind: 20}
    count_visitors(experiment, (400, 80), (400, 96), days_ago=3, others=clicks)
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("heading", name="No difference can be told so far")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^800 of 2,188 planned visitors"))).to_be_visible()
    count_visitors(experiment, (700, 140), (700, 182), days_ago=1, others=clicks)
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("heading", name="variant_1 is better than control")).to_be_visible()
    expect(page.get_by_text("planned end reached")).to_be_visible()
    expect(page.get_by_text("Guardrail", exact=True)).to_be_visible()
    for chart in ("Lift over the control", "Rate, day by day", "Difference from"):
        expect(page.get_by_role("img", name=re.compile(chart))).to_be_visible()


def test_new_phase_is_asked_about_and_picked(page: Page) -> None:
    experiment: Experiment = ExperimentFactory.create(name="Evenings")
    count_visitors(experiment, (200, 20), (210, 25))
    sign_in(page, f"{detail(experiment)}edit/")
    shares = page.get_by_label("Share of visitors")
    shares.first.fill("20")
    shares.last.fill("80")
    page.get_by_role("button", name="Save", exact=True).last.click()
    notice = page.get_by_role("alert", name="Saving this opens a new phase")
    expect(notice).to_be_focused()
    expect(shares.first).to_have_value("20")
    notice.get_by_role("button", name="Save and open a new phase").click()
    toast(page, "“Evenings” is saved.")
    page.get_by_role("link", name="Results").click()
    expect(page.get_by_text("Waiting for the first visitor")).to_be_visible()
    page.get_by_role("link", name="Phase 1 Start").click()
    expect(page.get_by_role("table").first.get_by_role("row").nth(1)).to_contain_text("200")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("table").first.get_by_role("row").nth(1)).to_contain_text("200")
    assert experiment.phases.count() == 2


def test_groups_are_looked_at_without_verdicts(page: Page) -> None:
    experiment: Experiment = ExperimentFactory.create()
    count_visitors(experiment, (200, 20), (210, 25))
    sign_in(page, detail(experiment))
    page.get_by_role("link", name="By day").click()
    expect(page.get_by_role("heading", name="By day Exploratory")).to_be_visible()
    page.get_by_role("link", name="Source", exact=True).click()
    expect(page).to_have_url(re.compile("by=source"))
