"""The dashboard as a person uses it, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from experiments.models import ApiToken, Experiment, Toggle
from experiments.tests.factories import ExperimentFactory, ToggleFactory, make_viewer
from tests.e2e.mishaps import Mishaps
from tests.e2e.staff import confirm, detail, sign_in, toast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_variants_come_and_go_and_share_what_there_is(page: Page) -> None:
    experiment: Experiment = ExperimentFactory.create(name="Shorter headline", through=[])
    sign_in(page, f"{detail(experiment)}edit/")
    first = page.get_by_label("Name", exact=True).first
    first.fill("As it is")
    page.get_by_role("button", name="Add a variant").click()
    third = page.get_by_role("group", name="Variant 3")
    expect(third.get_by_label("Name", exact=True)).to_be_focused()
    expect(first).to_have_value("As it is")
    third.get_by_label("Share of visitors").fill("12")
    expect(page.locator("#split")).to_contain_text("12 % too much.")
    page.get_by_role("button", name="Split evenly").click()
    expect(page.locator("#split")).to_contain_text("The shares sum to 100 %.")
    expect(page.get_by_role("button", name="Split evenly")).to_be_focused()

    page.get_by_role("button", name="Remove variant 3").click()
    expect(page.get_by_role("group", name="Variant 3")).to_have_count(0)
    expect(page.locator("#split")).to_contain_text("33 % left to give out.")
    page.get_by_role("button", name="Split evenly").click()
    expect(page.get_by_label("Share of visitors").first).to_have_value("50")
    page.get_by_role("button", name="Save", exact=True).last.click()
    toast(page, "“Shorter headline” is saved.")
    assert list(experiment.variants.values_list("weight", flat=True)) == [50, 50]


def test_experiment_lives_from_its_start_to_its_winner(page: Page) -> None:
    experiment: Experiment = ExperimentFactory.create(name="Shorter headline", through=[])
    sign_in(page, detail(experiment))
    page.get_by_role("link", name="Plan", exact=True).click()
    page.get_by_role("button", name="Start without a plan").click()
    expect(page.get_by_role("heading", name="Shorter headline Active")).to_be_visible()
    toast(page, "“Shorter headline” runs now.")
    confirm(page, "Pause")
    expect(page.get_by_role("heading", name="Shorter headline Paused")).to_be_focused()
    confirm(page, "Resume")
    expect(page.get_by_role("heading", name="Shorter headline Active")).to_be_visible()
    page.get_by_role("link", name="Complete").click()
    page.get_by_label("Ship variant_1").check()
    page.get_by_role("button", name="Complete", exact=False).last.click()
    expect(page.get_by_role("heading", name="Shorter headline Completed")).to_be_visible()
    experiment.refresh_from_db()
    assert experiment.winner is not None


def test_enter_in_a_field_saves_and_removes_nothing(page: Page, mishaps: Mishaps) -> None:
    mishaps.expect("422")
    mishaps.expect("Response Status Error Code")
    experiment: Experiment = ExperimentFactory.create(through=[])
    sign_in(page, f"{detail(experiment)}edit/")
    page.get_by_role("button", name="Add a variant").click()
    expect(page.get_by_role("group", name="Variant 3")).to_be_visible()
    page.get_by_label("Name", exact=True).first.fill("")
    page.get_by_label("Name", exact=True).first.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet.")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("group", name="Variant 3")).to_be_visible()


def test_toggle_switches_at_once_and_keeps_the_focus(page: Page) -> None:
    toggle = ToggleFactory.create(key="show_hero_banner")
    sign_in(page, "/dashboard/toggles/")
    switch = page.get_by_role("switch", name="show_hero_banner")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.focus()
    page.keyboard.press("Space")
    toast(page, "show_hero_banner is on, from the next page load on.")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(switch).to_be_focused()
    assert Toggle.objects.get(pk=toggle.pk).enabled
    page.keyboard.press("Space")
    toast(page, "show_hero_banner is off")


def test_token_is_shown_once_and_can_be_revoked(page: Page) -> None:
    sign_in(page, "/dashboard/tokens/")
    page.get_by_label("Name").fill("Marketing site")
    page.get_by_role("button", name="Create a token").click()
    expect(page.locator("#new-token")).to_have_text(re.compile("^ps_"))
    page.reload()
    expect(page.locator("#new-token")).to_have_count(0)
    confirm(page, "Revoke")
    toast(page, "is revoked and no longer works.")
    assert not ApiToken.objects.valid().exists()


def test_viewer_sees_figures_and_no_buttons_that_change(page: Page) -> None:
    make_viewer(username="viewer")
    ToggleFactory.create(key="look_only")
    sign_in(page, "/dashboard/toggles/", name="viewer")
    expect(page.get_by_text("look_only")).to_be_visible()
    expect(page.get_by_role("switch")).to_have_count(0)
    expect(page.get_by_role("link", name="People")).to_have_count(0)


def test_skip_link_and_keyboard_reach_the_content_first(page: Page) -> None:
    sign_in(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_everything_works_without_scripts(page: Page) -> None:
    by_script: list[str] = []
    page.on(
        "request",
        lambda request: by_script.append(request.url) if "hx-request" in request.headers else None,
    )
    ToggleFactory.create(key="plain_one")
    sign_in(page, "/dashboard/experiments/new/")
    page.get_by_label("If we …").fill("do it by hand")
    page.get_by_role("button", name="Continue").last.click()
    page.get_by_role("button", name="Add a variant").click()
    expect(page.get_by_label("Name", exact=True).last).to_have_value("Variant B")
    page.get_by_role("button", name="Split evenly").click()
    expect(page.get_by_label("Share of visitors").first).to_have_value("34")
    treatment = page.get_by_role("group", name="Variant 2")
    treatment.get_by_text("Hero", exact=False).first.click()
    treatment.get_by_label("Hero headline").fill("Go home at five")
    treatment.get_by_role("button", name="Update the preview").click()
    shown = treatment.frame_locator("iframe").locator("h1")
    expect(shown).to_have_text("Go home at five")
    page.get_by_role("button", name="Continue").last.click()
    page.get_by_label("Smallest lift worth having").fill("50")
    page.get_by_role("button", name="Work it out").last.click()
    expect(page.get_by_role("complementary")).to_contain_text("at least 7.50 %")
    page.get_by_role("button", name="Continue").last.click()
    expect(page.get_by_text("“Variant B” shows the same as the control.")).to_be_visible()
    page.get_by_role("button", name="Start the experiment").click()
    expect(page.get_by_role("heading", name="Do it by hand Active")).to_be_visible()
    toast(page, "“Do it by hand” runs now")
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name of the experiment").fill("By hand")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="By hand Active")).to_be_visible()
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("Waiting for the first visitor")).to_be_visible()
    page.get_by_role("link", name="Toggles").click()
    page.get_by_role("switch", name="plain_one").click()
    expect(page.get_by_role("switch", name="plain_one")).to_have_attribute("aria-checked", "true")
    assert by_script == []


@pytest.mark.parametrize(
    "path",
    ["experiments/", "experiments/new/", "toggles/", "tokens/", "leads/", "people/", "account/"],
)
def test_page_fits_a_narrow_phone(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    ExperimentFactory.create(name="A" * 200, split=[10] * 10)
    ToggleFactory.create(key="k" * 64)
    sign_in(page, f"/dashboard/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
