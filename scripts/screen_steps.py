"""What is done on a page before it is pictured."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page
from screens import DEFAULT_EXPERIMENT, PROJECT, Site, at


def variants_with_errors(page: Page, site: Site) -> None:
    at("/dashboard/experiments/{draft}/setup/variants/")(page, site)
    page.click("#add-variant")
    page.wait_for_selector("[name$='2-weight']")
    page.fill("[name$='0-weight']", "70")
    page.click(".save-bar .is-primary")
    page.wait_for_selector("[role=alert]")


def form_in_conflict(page: Page, site: Site) -> None:
    page.goto(f"/dashboard/experiments/{site.ids['empty']}/edit/")
    # Somebody else is quicker.
    theirs = {"description": "The features' title in fewer words"}
    site.call("PATCH", f"/api/experiments/{site.ids['empty']}", theirs)
    page.fill("[name$='1-name']", "the name that came second")
    page.click(".save-bar .is-primary")
    page.wait_for_selector("#conflict-title")


def question(path: str, button: str) -> Callable[[Page, Site], Any]:
    """Open a page and press the first of the buttons that ask before they act."""

    def show(page: Page, site: Site) -> None:
        at(path)(page, site)
        page.click(f"button[id^='ask-{button}']")

    return show


def pressing(path: str, *labels: str) -> Callable[[Page, Site], Any]:
    """Open a page and press the buttons and links with these words, one after the other."""

    def show(page: Page, site: Site) -> None:
        at(path)(page, site)
        for label in labels:
            page.locator("a:visible, button:visible", has_text=label).first.click()
            page.wait_for_load_state()

    return show


def menu_open(page: Page, _site: Site) -> None:
    """Open the navigation, which a desk shows all the time, or the account's menu there."""
    page.goto("/dashboard/")
    button = page.locator(".menu-button")
    (button if button.is_visible() else page.locator(".account-button")).click()


def failing(status: int, template: str) -> Callable[[Page, Site], Any]:
    """Show the page for what can't be provoked: it is a fixed text."""

    def show(page: Page, _site: Site) -> None:
        source = (PROJECT / "templates" / template).read_text().partition("<!doctype html>")[2]
        body = f"<!doctype html>{source}"
        answer = {"status": status, "content_type": "text/html", "body": body}
        page.route("**/failing", lambda route: route.fulfill(**answer))
        page.goto("/failing")

    return show


def preview_opened(page: Page, site: Site) -> None:
    """Open a variant by its link, in a browser in which nobody is signed in."""
    at("/dashboard/experiments/{default}/variants/{variant}/preview/")(page, site)
    link = page.text_content("#link") or ""
    page.context.clear_cookies()
    page.goto(link.strip())


def phone_preview(page: Page, site: Site) -> None:
    at("/dashboard/experiments/{default}/content/")(page, site)
    page.check("input[name='preview-width'][value='phone']", force=True)


def plan_impossible(page: Page, site: Site) -> None:
    at("/dashboard/experiments/{draft}/setup/plan/")(page, site)
    page.fill("[name=baseline_rate]", "40")
    page.fill("[name=minimum_lift]", "160")
    page.wait_for_selector("#answer .field-error")


def phase_asked(page: Page, site: Site) -> None:
    at("/dashboard/experiments/{default}/edit/")(page, site)
    page.fill("[name$='0-weight']", "20")
    page.fill("[name$='1-weight']", "80")
    page.click(".save-bar .is-primary")
    page.wait_for_selector("#phase-title")


def new_token(page: Page, _site: Site) -> None:
    page.goto("/dashboard/tokens/")
    page.fill("input[name=name]", f"build {uuid.uuid4().hex[:6]}")
    page.click("text=Create a token")
    page.wait_for_selector("#new-token")


def inviting(address: str) -> Callable[[Page, Site], Any]:
    """Make an invitation for somebody at this address, or at none."""

    def show(page: Page, _site: Site) -> None:
        page.goto("/dashboard/people/")
        page.fill("input[name=email]", address)
        page.click("text=Make the link")
        page.wait_for_selector("#new-link")

    return show


def invited(page: Page, site: Site, *, typed: str = "") -> None:
    """Open a new invitation's link in a browser in which nobody is signed in; fill it in."""
    inviting("")(page, site)
    link = page.text_content("#new-link") or ""
    page.context.clear_cookies()
    page.goto(link)
    if typed:
        page.fill("input[name=username]", "staff")
        page.fill("input[name=password1]", typed)
        page.fill("input[name=password2]", typed + "x")
        with page.expect_navigation():
            page.press("input[name=password2]", "Enter")


def drawers_open(path: str) -> Callable[[Page, Site], Any]:
    def show(page: Page, site: Site) -> None:
        at(path)(page, site)
        page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")

    return show


def simulated(page: Page, _site: Site) -> None:
    """Run the default experiment's plan 2,000 times, which the site then remembers."""
    page.goto(f"/dashboard/experiments/{DEFAULT_EXPERIMENT}/simulate/")
    if not page.is_visible("#wrong-title"):
        page.click("text=Run the simulation")
        page.wait_for_selector("#wrong-title", timeout=120_000)
