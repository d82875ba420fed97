"""Making, finding and changing experiments, as a person does it in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from experiments import services
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from tests.e2e.mishaps import Mishaps
from tests.e2e.staff import detail, sign_in, toast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_experiment_is_made_step_by_step_and_nothing_is_lost_on_the_way(page: Page) -> None:
    sign_in(page, "/dashboard/experiments/")
    page.get_by_role("link", name="New experiment").first.click()
    expect(page.get_by_text("Step 1 of 4")).to_be_attached()
    page.get_by_label("What do you want to learn?").fill("Does it help to say when work ends?")
    page.get_by_label("If we …").fill("name the hour")
    expect(page.get_by_text("Left blank, it is called “Name the hour”.")).to_be_visible()
    page.get_by_label("then …").fill("more visitors sign up")
    page.get_by_role("button", name="Continue").last.click()

    # The variants, with the page beside them as it would be.
    expect(page.get_by_role("heading", name="Name the hour Draft")).to_be_visible()
    treatment = page.get_by_role("group", name="Variant 2")
    treatment.locator("summary", has_text="Hero").click()
    treatment.get_by_label("Hero headline").fill("Home by five")
    shown = treatment.frame_locator("iframe").locator("h1")
    expect(shown).to_have_text("Home by five")
    page.get_by_role("button", name="Continue").last.click()

    # Back and reload keep what was saved.
    expect(page.get_by_label("Baseline rate")).to_be_visible()
    page.go_back()
    expect(treatment.get_by_label("Hero headline")).to_have_value("Home by five")
    page.go_forward()
    page.reload()
    page.get_by_label("New visitors per day").fill("500")
    page.get_by_role("button", name="Continue").last.click()

    expect(page.get_by_role("heading", name="Review and start")).to_have_count(0)
    expect(page.get_by_text("Does it help to say when work ends?")).to_be_visible()
    expect(page.get_by_role("cell", name="Home by five")).to_be_visible()
    page.get_by_role("link", name="Keep as draft").click()
    page.get_by_role("link", name="Review and start").click()
    page.get_by_role("button", name="Start the experiment").click()
    expect(page.get_by_role("heading", name="Name the hour Active")).to_be_visible()
    toast(page, "“Name the hour” runs now.")
    page.get_by_role("link", name="Plan", exact=True).click()
    expect(page.get_by_text("then more visitors sign up")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Results")).to_have_attribute("aria-current", "page")
    assert Experiment.objects.count() == 1


def test_content_is_edited_beside_the_page_that_it_makes(page: Page) -> None:
    experiment: Experiment = ExperimentFactory.create(
        name="Evenings", through=[], content={"hero_headline": "Home by five"}
    )
    sign_in(page, f"{detail(experiment)}content/")
    frame = page.frame_locator("iframe")
    expect(page.get_by_role("cell", name="Home by five")).to_be_visible()
    expect(frame.locator("h1")).to_have_text("Home by five")
    page.get_by_role("link", name="control", exact=True).click()
    expect(frame.locator("h1")).to_have_text("Leave work with tomorrow already planned")
    expect(page).to_have_url(re.compile(r"variant=0$"))
    page.go_back()
    expect(frame.locator("h1")).to_have_text("Home by five")

    page.get_by_role("link", name="Edit variants and content").click()
    treatment = page.get_by_role("group", name="Variant 2")
    headline = treatment.get_by_label("Hero headline")
    headline.fill("Home by four")
    expect(treatment.frame_locator("iframe").locator("h1")).to_have_text("Home by four")
    expect(treatment.locator(f"[data-count={headline.get_attribute('id')}]")).to_contain_text(
        "12 / 120"
    )
    # On a phone's width the page is a phone's.
    stage = treatment.locator("iframe")
    treatment.get_by_text("Phone", exact=True).click()
    assert stage.evaluate("frame => frame.contentWindow.innerWidth") == 390
    # What the server gives back unsaved, the preview shows too.
    page.get_by_role("button", name="Add a variant").click()
    expect(page.get_by_role("group", name="Variant 3")).to_be_visible()
    expect(treatment.frame_locator("iframe").locator("h1")).to_have_text("Home by four")
    page.get_by_role("button", name="Remove variant 3").click()
    expect(page.get_by_role("group", name="Variant 3")).to_have_count(0)
    treatment.get_by_label("Show only what is changed").check()
    expect(treatment.get_by_label("Hero badge")).to_be_hidden()
    expect(headline).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).last.click()
    toast(page, "“Evenings” is saved.")
    expect(page.get_by_role("cell", name="Home by four")).to_be_visible()


def test_sections_are_hidden_and_moved_by_keyboard(page: Page) -> None:
    experiment: Experiment = ExperimentFactory.create(through=[])
    sign_in(page, f"{detail(experiment)}edit/")
    treatment = page.get_by_role("group", name="Variant 2")
    treatment.locator("summary", has_text="Sections").click()
    steps = treatment.get_by_role("checkbox", name="How it works")
    steps.focus()
    page.keyboard.press("Space")
    expect(steps).not_to_be_checked()
    expect(treatment.frame_locator("iframe").locator("#how")).to_have_count(0)
    page.get_by_role("button", name="Save", exact=True).last.click()
    toast(page, "is saved.")
    assert "steps" not in experiment.variants.get(position=1).content["sections"]


def rename(page: Page, name: str) -> None:
    """Type another name, once the form that came is ready for it."""
    page.get_by_role("link", name="Rename").click()
    field = page.get_by_label("Name of the experiment")
    expect(field).to_be_focused()
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    field.fill(name)


def test_name_is_changed_in_its_place(page: Page, mishaps: Mishaps) -> None:
    mishaps.expect("409")
    experiment: Experiment = ExperimentFactory.create(name="Evenings")
    sign_in(page, f"{detail(experiment)}history/")
    name = page.get_by_label("Name of the experiment")
    page.get_by_role("link", name="Rename").click()
    expect(name).to_be_focused()
    name.fill("Given up")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Evenings Active")).to_be_visible()

    rename(page, "Mornings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mornings Active")).to_be_focused()
    expect(page.get_by_role("link", name="History", exact=True).last).to_have_attribute(
        "aria-current", "page"
    )
    # Somebody else is faster.
    rename(page, "Mine")
    services.update_experiment(experiment_id=experiment.id, name="Theirs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("it is “Theirs” now")
    expect(name).to_have_value("Mine")
    page.get_by_role("button", name="Rename it all the same").click()
    expect(page.get_by_role("heading", name="Mine Active")).to_be_visible()
    experiment.refresh_from_db()
    assert experiment.name == "Mine"


def test_experiment_is_duplicated_archived_found_and_restored(page: Page) -> None:
    experiment: Experiment = ExperimentFactory.create(
        name="Evenings", through=["start", "complete"], content={"hero_badge": "By five"}
    )
    sign_in(page, detail(experiment))
    page.get_by_role("button", name="Duplicate").click()
    toast(page, "“Copy of Evenings” is a draft")
    expect(page.get_by_role("textbox", name="Name optional")).to_have_value("Copy of Evenings")

    page.goto(detail(experiment))
    page.get_by_role("button", name="Archive").click()
    page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    toast(page, "“Evenings” is archived.")
    expect(page.get_by_role("link", name="Evenings", exact=True)).to_have_count(0)
    page.get_by_label("Status").select_option(label="Archived")
    page.get_by_role("link", name="Evenings", exact=True).click()
    page.get_by_role("button", name="Restore").click()
    toast(page, "“Evenings” is back in the list.")
    assert list(
        Experiment.objects.get(name="Copy of Evenings").variants.values_list("content", flat=True)
    ) == [{}, {"hero_badge": "By five"}]


def test_list_is_searched_while_one_types_and_back_leads_back(page: Page) -> None:
    for name in ("Shorter headline", "Longer headline", "Louder button"):
        ExperimentFactory.create(name=name, through=[])
    sign_in(page, "/dashboard/experiments/")
    cards = page.locator("#found h2")
    expect(cards).to_have_count(3)
    search = page.get_by_role("searchbox")
    search.fill("headline")
    expect(cards).to_have_text(["Longer headline", "Shorter headline"])
    expect(page).to_have_url(re.compile(r"\?q=headline$"))
    expect(search).to_be_focused()
    page.get_by_label("Sorted").select_option(label="By name")
    expect(page).to_have_url(re.compile(r"\?q=headline&sort=name$"))
    page.reload()
    expect(search).to_have_value("headline")
    expect(cards).to_have_text(["Longer headline", "Shorter headline"])
    page.get_by_role("link", name="Longer headline", exact=True).click()
    expect(page.get_by_role("heading", name="Longer headline Draft")).to_be_visible()
    page.go_back()
    expect(cards).to_have_count(2)
    page.go_back()
    page.go_back()
    expect(cards).to_have_count(3)
    expect(search).to_have_value("")
