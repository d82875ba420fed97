"""The frame around every page, in Chromium: menus, colours, and words that explain themselves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.staff import account_button, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LIGHT, DARK = "rgb(246, 247, 249)", "rgb(13, 17, 23)"


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_theme_is_the_systems_until_one_is_chosen_which_then_stays(page: Page) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    sign_in(page, "/dashboard/toggles/new/")
    page.get_by_label("Key").fill("half_typed")
    assert background(page) == LIGHT
    account_button(page).click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert background(page) == DARK
    # The page stayed, with what was typed in it.
    expect(page.get_by_label("Key")).to_have_value("half_typed")
    page.goto("/dashboard/toggles/")
    assert background(page) == DARK
    account_button(page).click()
    page.get_by_role("button", name="System").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")
    assert background(page) == LIGHT


def test_menus_on_a_phone_open_by_keyboard_and_close_by_escape(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, "/dashboard/toggles/")
    menu = page.get_by_role("button", name="Menu")
    leads = page.get_by_role("link", name="Leads")
    expect(leads).to_be_hidden()
    menu.press("Enter")
    expect(leads).to_be_visible()
    page.keyboard.press("Escape")
    expect(leads).to_be_hidden()
    expect(menu).to_be_focused()
    account_button(page).press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    menu.click()
    leads.click()
    expect(page.get_by_role("heading", name="Leads", level=1)).to_be_visible()


def test_term_explains_itself_to_mouse_keyboard_and_screen_reader(page: Page) -> None:
    sign_in(page, "/dashboard/components/#term")
    word, text = page.get_by_role("button", name="p-value"), page.locator("#term .term-text")
    expect(word).to_have_accessible_description(text.text_content() or "")
    expect(text).to_be_hidden()
    word.hover()
    expect(text).to_be_visible()
    assert stands_by(text, word)
    page.mouse.move(5, 5)
    expect(text).to_be_hidden()
    word.press("Enter")
    expect(text).to_be_visible()
    page.keyboard.press("Escape")
    expect(text).to_be_hidden()
    expect(word).to_be_focused()


def stands_by(text: Locator, word: Locator) -> bool:
    """Return whether the explanation is right above or below its word."""
    there, here = text.bounding_box(), word.bounding_box()
    assert there
    assert here
    below = there["y"] - (here["y"] + here["height"])
    above = here["y"] - (there["y"] + there["height"])
    return 0 <= max(below, above) <= 16
