"""The tracker in a real browser, its reports found in the database."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import BrowserContext, Page

from experiments.models import Assignment, Experiment
from experiments.tests.factories import ExperimentFactory, ToggleFactory
from metrics.models import Event
from tests.e2e.mishaps import Mishaps
from tests.e2e.reports import (
    ENDPOINT,
    blended,
    kept,
    scroll_to_bottom,
    send_pending,
    types_kept,
    wait_for,
    wait_for_events,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

HIDE = """
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
"""
ADDRESS = "somebody@company.example"


@pytest.fixture(autouse=True)
def experiment() -> Experiment:
    ToggleFactory(key="enable_social_proof", enabled=True)
    return ExperimentFactory(content={"hero_headline": "A treatment’s headline"})


def test_page_view_is_reported_once_for_the_stored_variant(
    page: Page, experiment: Experiment
) -> None:
    page.goto("/")
    [event] = wait_for_events(page, 1)
    assignment = Assignment.objects.get()
    assert event.event_type == "page_view"
    assert event.experiment_id == experiment.id
    assert (event.visitor_id, event.variant_id) == (assignment.visitor_id, assignment.variant_id)
    send_pending(page)
    assert types_kept() == ["page_view"]
    page.goto("/")
    wait_for_events(page, 2)
    assert Assignment.objects.count() == 1


def test_page_view_tells_device_and_source_as_the_server_saw_them(page: Page) -> None:
    page.goto("/?utm_source=Newsletter")
    [event] = wait_for_events(page, 1)
    assert event.metadata == {"device": "desktop", "source": "newsletter"}


def test_scroll_depths_are_reported_once_each(page: Page) -> None:
    page.goto("/")
    scroll_to_bottom(page)
    page.evaluate("scrollTo(0, 0)")
    scroll_to_bottom(page)
    wait_for_events(page, 4, event_type="scroll_depth")
    send_pending(page)
    depths = [event.metadata for event in kept(event_type="scroll_depth")]
    assert sorted(depth["depth"] for depth in depths) == [25, 50, 75, 100]


def test_page_that_nobody_scrolls_has_no_depth(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 2400})
    page.goto("/")
    wait_for_events(page, 1)
    send_pending(page)
    assert types_kept() == ["page_view"]


def test_page_that_fits_into_the_window_is_seen_whole_at_once(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 9000})
    page.goto("/")
    depths = wait_for_events(page, 4, event_type="scroll_depth")
    assert sorted(event.metadata["depth"] for event in depths) == [25, 50, 75, 100]


@pytest.mark.parametrize("place", ["header", "hero"])
def test_cta_click_is_reported_with_its_place(page: Page, place: str) -> None:
    page.goto("/")
    page.locator(f'[data-cta="{place}"]').click()
    [event] = wait_for_events(page, 1, event_type="cta_click")
    assert event.metadata == {"cta": place}
    page.get_by_role("link", name="Features").first.click()
    send_pending(page)
    assert len(kept(event_type="cta_click")) == 1


def test_sign_up_is_reported_once_and_not_again_by_a_reload(
    page: Page, context: BrowserContext, experiment: Experiment
) -> None:
    page.goto("/")
    page.get_by_label("Work e-mail").fill(ADDRESS)
    with page.expect_response("**/sign-up") as answer:
        page.locator("form button").click()
    [cookie] = [c for c in answer.value.headers_array() if "signed_up=" in c["value"]]
    event_id = cookie["value"].split("signed_up=")[1].split(";")[0]
    page.get_by_role("status").wait_for()
    [event] = wait_for_events(page, 1, event_type="form_submit")
    assert event.id == blended(event_id, experiment)
    assert event.metadata == {}
    page.reload()
    # Even where the cookie was kept, its report is the same one.
    context.add_cookies([{"name": "signed_up", "value": event_id, "url": page.url}])
    page.goto("/")
    page.get_by_role("status").wait_for()
    wait_for_events(page, 4, event_type="page_view")
    send_pending(page)
    assert len(kept(event_type="form_submit")) == 1


def test_refused_sign_up_is_not_reported(page: Page, mishaps: Mishaps) -> None:
    mishaps.expect("422")
    page.goto("/")
    page.get_by_label("Work e-mail").fill("not-an-address")
    page.locator("form button").click()
    page.locator("#email-error").wait_for()
    send_pending(page)
    wait_for_events(page, 2, event_type="page_view")
    assert kept(event_type="form_submit") == []


def test_several_experiments_are_each_told_in_one_request(
    page: Page, experiment: Experiment
) -> None:
    other = ExperimentFactory(content={"cta_note": "Another note"})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto("/")
    events = wait_for_events(page, 2, event_type="page_view")
    assert {event.experiment_id for event in events} == {experiment.id, other.id}
    assert len({event.id for event in events}) == 2
    assert len([url for url in requests if url.endswith("/api/events/batch")]) == 1


def test_leaving_sends_what_waits(page: Page) -> None:
    page.goto("/")
    page.locator('[data-cta="hero"]').click()
    send_pending(page)
    events = wait_for_events(page, 2)
    assert {"cta_click", "page_view"} <= {event.event_type for event in events}


def test_hiding_sends_what_waits_at_once_by_beacon(page: Page) -> None:
    page.clock.install()
    page.goto("/")
    with page.expect_request(ENDPOINT) as report:
        page.evaluate(HIDE)
    assert report.value.resource_type == "ping"
    assert report.value.headers["content-type"] == "application/json"
    wait_for_events(page, 1)
    # Nothing is left that a later hiding, or the clock, would send again.
    page.evaluate(HIDE)
    page.clock.run_for(60_000)
    send_pending(page)
    assert types_kept() == ["page_view"]


WITHOUT_BEACON = [
    "navigator.sendBeacon = undefined",
    "navigator.sendBeacon = () => false",
]


@pytest.mark.parametrize("script", WITHOUT_BEACON)
def test_leaving_without_a_beacon_sends_by_fetch(page: Page, script: str) -> None:
    page.add_init_script(script)
    page.goto("/")
    send_pending(page)
    assert [event.event_type for event in wait_for_events(page, 1)] == ["page_view"]


@pytest.mark.parametrize(
    "script",
    [
        "Object.defineProperty(window, 'crypto', { value: undefined })",
        "Object.defineProperty(crypto, 'randomUUID', { value: undefined })",
        "crypto.getRandomValues = () => { throw new Error('broken') }",
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('blocked') } })",
        "window.fetch = undefined",
        "window.fetch = () => { throw new Error('broken') }",
        "window.Blob = undefined",
    ],
)
def test_missing_parts_of_a_browser_break_nothing(page: Page, script: str) -> None:
    page.add_init_script(script)
    page.goto("/")
    page.locator('[data-cta="hero"]').click()
    if "fetch" in script:
        # What has no other way goes by beacon, and that on leaving only.
        send_pending(page)
    events = wait_for_events(page, 2)
    assert {uuid.UUID(str(event.id)).version for event in events} == {4}


def test_without_anything_to_send_with_the_page_still_works(page: Page) -> None:
    page.add_init_script("window.fetch = navigator.sendBeacon = undefined")
    page.goto("/")
    page.locator('[data-cta="hero"]').click()
    send_pending(page)
    page.goto("/favicon.ico")
    assert not Event.objects.exists()


@pytest.mark.parametrize("data", ["", "[", "null", '[{"experimentId": 1}]'])
def test_damaged_page_breaks_nothing(page: Page, data: str) -> None:
    script = f"<script defer src=/static/landing/tracker.js data-assignments='{data}'></script>"
    page.route("**/", lambda route: route.fulfill(content_type="text/html", body=script))
    page.route(ENDPOINT, lambda route: route.fulfill(status=201, body="{}"))
    page.goto("/")
    page.mouse.click(5, 5)
    send_pending(page)


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_uncounted_visitor_sends_nothing(page: Page, header: str) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.set_extra_http_headers({header: "1"})
    page.goto("/")
    page.locator('[data-cta="hero"]').click()
    scroll_to_bottom(page)
    send_pending(page)
    assert not [url for url in requests if "/api/" in url or "tracker" in url]
    assert not Event.objects.exists()
    assert page.context.cookies() == []


def test_page_is_loaded_before_anything_is_sent(page: Page) -> None:
    order: list[str] = []
    page.on("load", lambda _: order.append("load"))
    page.on("request", lambda r: order.append("report") if "/api/" in r.url else None)
    page.goto("/")
    wait_for(page, lambda: "report" in order, "a report")
    assert order == ["load", "report"]
