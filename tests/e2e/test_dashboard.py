"""The dashboard as a person uses it, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from dashboard.tests.browser import count_visitors
from experiments import services
from experiments.lifecycle import Transition
from experiments.models import ApiToken, Experiment, Toggle
from experiments.tests.factories import ExperimentFactory, ToggleFactory, make_editor, make_viewer
from experiments.toggles import update_toggle
from metrics.models import DailyCount
from tests.e2e.mishaps import Mishaps

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"


def sign_in(page: Page, path: str = "/dashboard/", *, name: str = "editor") -> None:
    """Ask for a page, be sent to sign in, and arrive there."""
    if name == "editor":
        make_editor(username=name)
    page.goto(path)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def detail(experiment: Experiment) -> str:
    return f"/dashboard/experiments/{experiment.id}/"


def toast(page: Page, text: str) -> None:
    expect(page.locator("#messages")).to_contain_text(text)


def confirm(page: Page, button: str) -> None:
    """Press a button of the page, then the one of the same name in its confirmation."""
    page.get_by_role("button", name=button).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=button, exact=True).click()


def test_experiment_lives_from_creation_to_its_winner(page: Page) -> None:
    sign_in(page)
    page.get_by_role("link", name="New experiment").first.click()
    page.get_by_label("Name", exact=True).first.fill("Shorter headline")

    page.get_by_role("button", name="Add a variant").click()
    third = page.get_by_role("group", name="Variant 3")
    expect(third.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Shorter headline")
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

    treatment = page.get_by_role("group", name="Variant 2")
    treatment.get_by_text("Hero", exact=False).first.click()
    treatment.get_by_label("Hero headline").fill("Go home at five")
    page.get_by_role("button", name="Save as draft").last.click()
    expect(page.get_by_role("heading", name="Shorter headline Draft")).to_be_visible()
    expect(page.get_by_text("Go home at five")).to_be_visible()

    confirm(page, "Start")
    expect(page.get_by_role("heading", name="Shorter headline Active")).to_be_visible()
    toast(page, "“Shorter headline” runs now.")
    confirm(page, "Pause")
    expect(page.get_by_role("heading", name="Shorter headline Paused")).to_be_focused()
    confirm(page, "Resume")
    expect(page.get_by_role("heading", name="Shorter headline Active")).to_be_visible()
    page.get_by_role("button", name="Complete").first.click()
    page.get_by_label("Variant A wins").check()
    page.get_by_role("dialog").get_by_role("button", name="Complete", exact=True).click()
    expect(page.get_by_text("Winner: Variant A, shown to everybody")).to_be_visible()
    assert Experiment.objects.get().winner is not None


def test_enter_in_a_field_saves_and_removes_nothing(page: Page, mishaps: Mishaps) -> None:
    mishaps.expect("422")
    mishaps.expect("Response Status Error Code")
    sign_in(page, "/dashboard/experiments/new/")
    page.get_by_role("button", name="Add a variant").click()
    expect(page.get_by_role("group", name="Variant 3")).to_be_visible()
    page.get_by_label("Name", exact=True).first.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet.")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("group", name="Variant 3")).to_be_visible()


def test_results_refresh_without_losing_focus_scroll_or_open_drawers(page: Page) -> None:
    experiment = ExperimentFactory.create(name="Busy")
    count_visitors(experiment, (1000, 100), (900, 99))
    sign_in(page, detail(experiment))
    rows = page.get_by_role("table").first.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("1,000")
    page.get_by_text("How this was computed").click()

    services.update_experiment(experiment_id=experiment.id, name="Busy")
    count_more(experiment)
    page.get_by_role("button", name="Refresh").focus()
    page.evaluate("window.scrollTo(0, 300)")
    page.keyboard.press("Enter")
    expect(rows.nth(1)).to_contain_text("1,500")
    expect(page.get_by_role("button", name="Refresh")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("The results are up to date.")
    expect(page.get_by_text("Pearson's chi-squared test")).to_be_visible()
    assert page.evaluate("window.scrollY") == 300

    # A drawer inside what is swapped keeps the focus too.
    summary = page.locator("#types-summary")
    summary.focus()
    page.evaluate("htmx.trigger('#results', 'refresh')")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#types-summary")).to_be_focused()


def count_more(experiment: Experiment) -> None:
    """Let the control have 500 visitors more, from a second process's slot."""
    control = experiment.variants.get(position=0)
    for row in DailyCount.objects.filter(variant=control, kind__in=("exposure", "page_view")):
        DailyCount.objects.create(
            experiment=experiment,
            variant=control,
            day=row.day,
            kind=row.kind,
            slot=1,
            events=500,
            visitors=500,
        )


def test_results_refresh_themselves_every_thirty_seconds_but_not_while_hidden(page: Page) -> None:
    page.clock.install()
    experiment = ExperimentFactory.create()
    sign_in(page, detail(experiment))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    def pass_half_a_minute() -> int:
        asked.clear()
        page.clock.run_for(30_500)
        page.wait_for_load_state("networkidle")
        return len(asked)

    assert pass_half_a_minute() == 1
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    assert pass_half_a_minute() == 0
    page.evaluate("delete document.hidden")
    asked.clear()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state("networkidle")
    assert len(asked) == 1


def test_polling_ends_when_somebody_completes_the_experiment(page: Page) -> None:
    page.clock.install()
    experiment = ExperimentFactory.create()
    sign_in(page, detail(experiment))
    services.transition_experiment(experiment_id=experiment.id, transition=Transition.COMPLETE)
    page.clock.run_for(30_500)
    expect(page.get_by_text("Nobody came")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(95_000)
    page.wait_for_load_state("networkidle")
    assert asked == []


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


def test_switch_shows_the_wanted_state_before_the_server_has_answered(page: Page) -> None:
    ToggleFactory.create(key="slow_one")
    sign_in(page, "/dashboard/toggles/")
    switch = page.get_by_role("switch", name="slow_one")
    held: list[Route] = []
    page.route("**/switch/", lambda route: held.append(route))
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    # A second press while the first is under way neither queues nor flips.
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    held[0].continue_()
    toast(page, "slow_one is on")
    assert len(held) == 1


def test_switch_goes_back_when_the_server_cannot_be_reached(page: Page, mishaps: Mishaps) -> None:
    mishaps.expect("net::ERR_CONNECTION_REFUSED")
    mishaps.expect("htmx:sendError")
    mishaps.expect("htmx:afterRequest")
    toggle = ToggleFactory.create(key="unlucky")
    sign_in(page, "/dashboard/toggles/")
    page.route("**/switch/", lambda route: route.abort("connectionrefused"))
    page.get_by_role("switch", name="unlucky").click()
    toast(page, "The server can't be reached. Nothing was saved: try again.")
    expect(page.get_by_role("switch", name="unlucky")).to_have_attribute("aria-checked", "false")
    assert not Toggle.objects.get(pk=toggle.pk).enabled


@pytest.mark.parametrize(
    ("status", "says"), [(500, "The server had a problem."), (404, "It is no longer there.")]
)
def test_switch_goes_back_when_the_server_fails(
    page: Page, mishaps: Mishaps, status: int, says: str
) -> None:
    mishaps.expect(str(status))
    ToggleFactory.create(key="unlucky")
    sign_in(page, "/dashboard/toggles/")
    page.route("**/switch/", lambda route: route.fulfill(status=status, body="no"))
    page.get_by_role("switch", name="unlucky").click()
    toast(page, says)
    expect(page.get_by_role("switch", name="unlucky")).to_have_attribute("aria-checked", "false")


def test_switch_that_somebody_was_faster_with_shows_their_state(
    page: Page, mishaps: Mishaps
) -> None:
    mishaps.expect("409")
    toggle = ToggleFactory.create(key="contested")
    sign_in(page, "/dashboard/toggles/")
    update_toggle(toggle_id=toggle.id, description="Theirs")
    page.get_by_role("switch", name="contested").click()
    toast(page, "Somebody else changed this toggle meanwhile")
    expect(page.get_by_role("switch", name="contested")).to_have_attribute("aria-checked", "false")
    expect(page.get_by_text("Theirs")).to_be_visible()


def test_conflict_keeps_what_was_typed_and_may_be_saved_over(page: Page, mishaps: Mishaps) -> None:
    mishaps.expect("409")
    experiment = ExperimentFactory.create(through=[])
    sign_in(page, detail(experiment) + "edit/")
    name = page.get_by_label("Name", exact=True).first
    name.fill("My name")
    services.update_experiment(experiment_id=experiment.id, name="Their name")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else saved this experiment")
    expect(page.get_by_role("alert")).to_contain_text("Their name")
    expect(name).to_have_value("My name")
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_role("heading", name="My name")).to_be_visible()


def test_session_that_ended_loses_nothing_typed(page: Page, mishaps: Mishaps) -> None:
    mishaps.expect("401")
    sign_in(page, "/dashboard/toggles/new/")
    page.get_by_label("Key").fill("typed_long_ago")
    session = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    assert session
    page.get_by_role("button", name="Make the toggle").click()
    toast(page, "You have been signed out. Nothing you typed is lost")
    expect(page.get_by_label("Key")).to_have_value("typed_long_ago")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in another tab").click()
    other = opened.value
    other.get_by_label("User name").fill("editor")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()
    other.close()

    page.bring_to_front()
    with page.expect_response(lambda answer: answer.url.endswith("/toggles/new/")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Make the toggle").click()
    expect(page.get_by_role("switch", name="typed_long_ago")).to_be_visible()


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
    expect(page.get_by_role("link", name="Leads")).to_have_count(0)


def test_skip_link_and_keyboard_reach_the_content_first(page: Page) -> None:
    sign_in(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_everything_works_without_scripts(page: Page) -> None:
    ToggleFactory.create(key="plain_one")
    sign_in(page, "/dashboard/experiments/new/")
    page.get_by_label("Name", exact=True).first.fill("By hand")
    page.get_by_role("button", name="Add a variant").click()
    expect(page.get_by_label("Name", exact=True).first).to_have_value("By hand")
    page.get_by_role("button", name="Split evenly").click()
    expect(page.get_by_label("Share of visitors").first).to_have_value("34")
    page.get_by_role("button", name="Save as draft").last.click()
    confirm(page, "Start")
    expect(page.get_by_role("heading", name="By hand Active")).to_be_visible()
    toast(page, "“By hand” runs now.")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("Waiting for the first visitor")).to_be_visible()
    page.get_by_role("link", name="Toggles").click()
    page.get_by_role("switch", name="plain_one").click()
    expect(page.get_by_role("switch", name="plain_one")).to_have_attribute("aria-checked", "true")


@pytest.mark.parametrize(
    "path", ["experiments/", "experiments/new/", "toggles/", "tokens/", "leads/"]
)
def test_page_fits_a_narrow_phone(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    ExperimentFactory.create(name="A" * 200, split=[10] * 10)
    ToggleFactory.create(key="k" * 64)
    sign_in(page, f"/dashboard/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
