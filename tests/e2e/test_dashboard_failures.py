"""What goes wrong between browser and server is told, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from experiments import services
from experiments.models import ApiToken, Toggle
from experiments.tests.factories import ExperimentFactory, ToggleFactory
from experiments.toggles import update_toggle
from metrics.models import Lead
from tests.e2e.mishaps import Mishaps
from tests.e2e.reports import wait_for
from tests.e2e.staff import PASSWORD, account_button, detail, sign_in, toast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


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
    # What the switch shows, it shows before the request has left the browser.
    wait_for(page, lambda: bool(held), "the request")
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
    toast(page, "The server can't be reached. What you typed is still here: try again.")
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
    name = page.get_by_label("Name", exact=True).last
    name.fill("My name")
    services.update_experiment(experiment_id=experiment.id, traffic_split=[41, 59])
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else saved this experiment")
    expect(page.get_by_role("alert")).to_contain_text("59 %")
    expect(name).to_have_value("My name")
    page.get_by_role("button", name="Save mine over it").click()
    toast(page, "is saved.")
    assert experiment.variants.filter(name="My name", weight=50).exists()


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
    expect(account_button(other)).to_be_visible()
    other.close()

    page.bring_to_front()
    token = page.locator("[name=csrfmiddlewaretoken]").first
    before = token.input_value()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    # The form's token is the new session's.
    expect(token).not_to_have_value(before)
    page.get_by_role("button", name="Make the toggle").click()
    expect(page.get_by_role("switch", name="typed_long_ago")).to_be_visible()


def test_search_after_the_session_ended_keeps_what_was_typed(page: Page, mishaps: Mishaps) -> None:
    Lead.objects.create(email="reader@x.example")
    sign_in(page, "/dashboard/leads/")
    page.context.clear_cookies(name="sessionid")
    search = page.get_by_role("searchbox", name="Part of the address")
    search.press_sequentially("read")
    toast(page, "You have been signed out. Nothing you typed is lost")
    expect(search).to_have_value("read")
    expect(page).to_have_url(re.compile(r"/dashboard/leads/$"))


def test_results_say_that_they_may_be_old_until_the_server_answers_again(
    page: Page, mishaps: Mishaps
) -> None:
    mishaps.expect("net::ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")
    experiment = ExperimentFactory.create()
    sign_in(page, detail(experiment))
    page.context.set_offline(True)
    page.evaluate("htmx.trigger('#results', 'refresh')")
    toast(page, "The server can't be reached: what you see may be old.")
    page.context.set_offline(False)
    page.evaluate("htmx.trigger('#results', 'refresh')")
    expect(page.locator("#messages .toast")).to_have_count(0)


def test_form_that_is_being_sent_is_not_sent_again(page: Page) -> None:
    sign_in(page, "/dashboard/tokens/")
    held: list[Route] = []
    page.route("**/tokens/new/", lambda route: held.append(route))
    page.get_by_label("Name").fill("nightly report")
    page.get_by_role("button", name="Create a token").dblclick()
    wait_for(page, lambda: bool(held), "the request")
    # What takes its time says so.
    opacity = "getComputedStyle(document.body, '::before').opacity"
    wait_for(page, lambda: page.evaluate(opacity) == "1", "the line at the window's top")
    page.get_by_role("button", name="Create a token").click()
    held[0].continue_()
    expect(page.get_by_role("alert")).to_contain_text("Your new token")
    page.wait_for_load_state("networkidle")
    assert len(held) == 1
    assert ApiToken.objects.filter(name="nightly report").count() == 1
