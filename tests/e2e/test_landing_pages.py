"""Several landing pages and previews, as staff and visitors use them, in a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from experiments.models import Assignment
from experiments.models import Page as LandingPage
from experiments.pages import create_page, home_page
from experiments.tests.factories import ExperimentFactory, ToggleFactory, variants_of
from metrics.models import Event, Lead
from tests.e2e.mishaps import Mishaps
from tests.e2e.reports import send_pending, types_kept, wait_for
from tests.e2e.staff import sign_in, toast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}


def test_page_is_made_edited_beside_its_preview_and_put_at_root(page: Page) -> None:
    # As every installation has one.
    home_page()
    sign_in(page, "/dashboard/pages/")
    page.get_by_role("link", name="New page").click()
    page.get_by_label("Name").fill("Spring offer")
    page.get_by_role("button", name="Make the page").click()
    toast(page, "The page “Spring offer” is made.")

    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Leave work with tomorrow already planned")
    page.locator("summary", has_text="Hero").click()
    headline = page.get_by_label("Hero headline")
    headline.fill("Now in bloom")
    expect(frame.locator("h1")).to_have_text("Now in bloom")
    expect(page.locator(f"[data-count={headline.get_attribute('id')}]")).to_contain_text("12 / 120")
    expect(page.get_by_text("changed", exact=True).locator("visible=true")).to_have_count(1)

    # Links and the form in the preview lead nowhere.
    frame.get_by_role("button", name="Start your free trial").click()
    frame.get_by_role("link", name="Morrowdesk").first.click()
    expect(frame.locator("h1")).to_have_text("Now in bloom")

    page.locator("summary", has_text="Sections").click()
    page.get_by_label("How it works", exact=True).uncheck()
    expect(frame.locator("#how-it-works")).to_have_count(0)
    page.get_by_label("Place of Sign-up form").select_option("2")
    expect(frame.locator("main section").nth(1)).to_have_id("sign-up")

    page.get_by_role("radio", name="Phone").check()
    expect(frame.locator(".top nav")).to_be_hidden()
    page.get_by_role("button", name="Save", exact=True).click()
    toast(page, "“Spring offer” is saved.")

    page.goto("/dashboard/pages/")
    page.get_by_role("button", name="Put at “/”").click()
    page.get_by_role("dialog").get_by_role("button", name="Put it at “/”").click()
    toast(page, "“Spring offer” stands at “/”")
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Now in bloom")
    page.goto("/home/")
    expect(page.locator("h1")).to_have_text("Leave work with tomorrow already planned")


def test_preview_whose_server_is_away_says_so_and_keeps_what_was_typed(
    page: Page, mishaps: Mishaps
) -> None:
    mishaps.expect("ERR_FAILED")
    spring = create_page(name="Spring", slug="spring")
    sign_in(page, f"/dashboard/pages/{spring.id}/edit/")
    page.route(re.compile(r"/preview/content/"), lambda route: route.abort())
    page.locator("summary", has_text="Hero").click()
    page.get_by_label("Hero headline").fill("Now in bloom")
    expect(page.get_by_text("The preview couldn’t be renewed.")).to_be_visible()
    page.unroute(re.compile(r"/preview/content/"))
    page.get_by_role("button", name="Update the preview").click()
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("Now in bloom")
    expect(page.get_by_text("The preview couldn’t be renewed.")).to_be_hidden()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_preview_without_scripts_is_renewed_by_its_button(page: Page) -> None:
    spring = create_page(name="Spring", slug="spring", content={"hero_badge": "In May"})
    sign_in(page, f"/dashboard/pages/{spring.id}/edit/")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("In May")).to_be_visible()
    headline = page.get_by_label("Hero headline")
    headline.fill("Now in bloom")
    page.get_by_label("Hero badge").fill("")
    page.get_by_role("button", name="Update the preview").click()
    expect(frame.locator("h1")).to_have_text("Now in bloom")
    # The page's own texts are replaced, not covered.
    expect(frame.get_by_text("In May")).to_have_count(0)
    expect(headline).to_have_value("Now in bloom")


def test_each_page_reports_its_own_experiment_and_its_own_sign_up(
    page: Page, mishaps: Mishaps
) -> None:
    mishaps.expect("422")
    spring = create_page(name="Spring", slug="spring")
    at_home = ExperimentFactory(split=[0, 100], content={"hero_headline": "At home"})
    there = ExperimentFactory(split=[0, 100], content={"hero_headline": "In spring"}, page=spring)
    page.goto("/spring/")
    expect(page.locator("h1")).to_have_text("In spring")
    page.get_by_label("Work e-mail").fill("nobody")
    page.locator("form").get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"/spring/sign-up$"))
    expect(page.locator("#email-error")).to_be_visible()
    page.get_by_label("Work e-mail").fill("somebody@company.example")
    page.locator("form").get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"/spring/#sign-up$"))
    expect(page.get_by_text("Thank you. Tomorrow looks better already.")).to_be_visible()
    send_pending(page)
    page.goto("/")
    expect(page.locator("h1")).to_have_text("At home")
    send_pending(page)

    wait_for(page, lambda: "form_submit" in types_kept(experiment_id=there.id), "the sign-up")
    wait_for(page, lambda: "page_view" in types_kept(experiment_id=at_home.id), "the view")
    assert "page_view" in types_kept(experiment_id=there.id)
    assert "form_submit" not in types_kept(experiment_id=at_home.id)


def test_preview_link_shows_a_draft_on_a_phone_and_counts_nothing(
    page: Page, browser: Browser, live_server: Any
) -> None:
    ToggleFactory(key="enable_social_proof", enabled=True)
    draft = ExperimentFactory(
        name="Hero test", content={"hero_headline": "Still a draft"}, through=[]
    )
    running = ExperimentFactory(content={"hero_text": "A running text"})
    variant = variants_of(draft)[1]
    sign_in(page, f"/dashboard/experiments/{draft.id}/variants/{variant.id}/preview/")
    page.get_by_label("7 days").check()
    expect(page).to_have_url(re.compile(r"\?hours=168$"))
    link = page.locator("#link").inner_text()

    phone: BrowserContext = browser.new_context(**PHONE, base_url=live_server.url)
    seen = Mishaps(phone)
    requests: list[str] = []
    phone.on("request", lambda request: requests.append(request.url))
    preview = phone.new_page()
    preview.goto(link)
    expect(preview.locator("h1")).to_have_text("Still a draft")
    badge = preview.get_by_role("complementary", name="Preview")
    expect(badge).to_be_in_viewport()
    expect(badge).to_contain_text("“variant_1” of “Hero test”")
    preview.get_by_label("Work e-mail").fill("somebody@company.example")
    preview.locator("form").get_by_role("button").click()
    expect(preview.get_by_text("the address wasn’t stored")).to_be_visible()
    assert preview.evaluate("document.documentElement.scrollWidth") <= 390

    assert phone.cookies() == []
    assert not [url for url in requests if "/api/" in url or "tracker" in url]
    assert seen.unexpected() == []
    phone.close()
    assert not Lead.objects.exists()
    assert not Event.objects.exists()
    assert not Assignment.objects.filter(experiment__in=[draft, running]).exists()
    assert LandingPage.objects.count() == 1
