"""The landing page as a visitor meets it: no flash, no shift, with and without scripts."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from experiments.tests.factories import ExperimentFactory, ToggleFactory
from experiments.toggles import update_toggle
from metrics.models import Event, Lead
from tests.e2e.mishaps import Mishaps
from tests.e2e.reports import scroll_to_bottom, send_pending

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

TREATMENT = "A treatment’s headline"
ADDRESS = "somebody@company.example"
without_scripts = pytest.mark.browser_context_args(java_script_enabled=False)

SHIFTS = """() => new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => resolve(sum), 300));
})"""


@pytest.fixture(autouse=True)
def whole_page() -> None:
    for key in ("show_hero_banner", "enable_social_proof"):
        ToggleFactory(key=key, enabled=True)


def headline(page: Page) -> str:
    return page.locator("h1").inner_text().replace("\n", " ")


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_variant_stands_in_the_first_response(page: Page) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    response = page.goto("/")
    assert response is not None
    assert TREATMENT in response.text()
    assert headline(page) == TREATMENT
    page.reload()
    assert headline(page) == TREATMENT


@without_scripts
def test_variant_needs_no_script(page: Page) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    page.goto("/")
    expect(page.locator("h1")).to_have_text(TREATMENT)


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_nothing_shifts(page: Page, size: tuple[int, int]) -> None:
    ExperimentFactory()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/", wait_until="load")
    assert page.evaluate(SHIFTS) == 0
    scroll_to_bottom(page)
    assert page.evaluate(SHIFTS) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_its_window(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/")
    for width in (1440, 1024, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert overflow(page) == 0, f"{width} px wide"


@pytest.mark.parametrize("width", [1440, 320])
def test_page_fits_its_window_with_the_longest_texts(page: Page, width: int) -> None:
    toggle = ToggleFactory(key="cta_style_aggressive")
    update_toggle(toggle_id=toggle.id, enabled=True)
    ExperimentFactory(
        split=[0, 100],
        content={
            "hero_badge": "Verantwortungsbewusstsein " * 2,
            "hero_headline": "Donaudampfschifffahrtsgesellschaft " * 3,
            "cta_label_insistent": "M" * 40,
            "figure_1_value": "M" * 12,
        },
    )
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/")
    assert overflow(page) == 0


def test_one_small_stylesheet_and_no_third_party(page: Page) -> None:
    ExperimentFactory()
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto("/", wait_until="networkidle")
    origin = page.evaluate("location.origin")
    assert [url for url in urls if not url.startswith(origin)] == []
    paths = {url.removeprefix(origin).partition("?")[0] for url in urls}
    # The browser asks for the icon when it likes, and the tracker reports when it has something.
    whenever = {"/static/favicon.svg", "/api/events/batch"}
    assert paths - whenever == {"/", "/static/landing/landing.css", "/static/landing/tracker.js"}
    blocking = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter((entry) => entry.renderBlockingStatus === 'blocking')"
        ".map((entry) => new URL(entry.name).pathname)"
    )
    assert blocking == ["/static/landing/landing.css"]


def test_sign_up_shows_the_error_at_the_field_and_then_says_thank_you(
    page: Page, mishaps: Mishaps
) -> None:
    mishaps.expect("422")
    ExperimentFactory()
    page.goto("/")
    field = page.get_by_label("Work e-mail")
    field.fill("not-an-address")
    field.press("Enter")
    expect(field).to_have_value("not-an-address")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    expect(field).to_have_accessible_description(re.compile("complete e-mail address"))
    expect(page).to_have_title(
        "Not signed up yet: Morrowdesk: leave work with tomorrow already planned"
    )
    field.fill(ADDRESS)
    field.press("Enter")
    thanks = page.get_by_role("heading", name="Thank you")
    expect(thanks).to_be_in_viewport()
    expect(page.get_by_role("region", name="Thank you")).to_be_focused()
    assert page.url.endswith("/#sign-up")
    assert Lead.objects.get().email == ADDRESS


@without_scripts
def test_sign_up_works_without_scripts_and_counts_nothing(page: Page, mishaps: Mishaps) -> None:
    mishaps.expect("422")
    ExperimentFactory()
    page.goto("/")
    field = page.get_by_label("Work e-mail")
    field.fill("not-an-address")
    page.locator("form button").click()
    expect(page.locator("#email-error")).to_be_visible()
    expect(field).to_have_value("not-an-address")
    field.fill(ADDRESS)
    page.locator("form button").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert Lead.objects.get().email == ADDRESS
    assert not Event.objects.exists()


def test_sign_up_of_a_visitor_who_asked_for_privacy_leaves_no_cookie(page: Page) -> None:
    page.set_extra_http_headers({"Sec-GPC": "1"})
    page.goto("/")
    page.get_by_label("Work e-mail").fill(ADDRESS)
    page.locator("form button").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert page.context.cookies() == []
    assert Lead.objects.count() == 1


def test_keyboard_finds_the_way_past_the_menu(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()


def test_toggle_shows_on_the_next_page_load(page: Page) -> None:
    toggle = ToggleFactory(key="cta_style_aggressive")
    page.goto("/")
    expect(page.get_by_role("link", name="Start your free trial")).to_have_count(2)
    update_toggle(toggle_id=toggle.id, enabled=True)
    page.reload()
    expect(page.get_by_role("link", name="Start now and leave on time today")).to_have_count(2)


def test_reduced_motion_stops_everything_that_moves(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")
    assert page.evaluate("document.getAnimations().length") == 0


def test_missing_page_is_in_the_same_style(page: Page, mishaps: Mishaps) -> None:
    mishaps.expect("404")
    response = page.goto("/nowhere")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading")).to_have_text("There is nothing at this address")
    page.get_by_role("link", name="Go to the home page").click()
    expect(page.locator("h1")).to_have_text("Leave work with tomorrow already planned")
    send_pending(page)
