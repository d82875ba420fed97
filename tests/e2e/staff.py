"""What staff do in a browser, in a word each."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from experiments.models import Experiment
from experiments.tests.factories import make_editor

PASSWORD = "correct horse battery"


def sign_in(page: Page, path: str = "/dashboard/", *, name: str = "editor") -> None:
    """Ask for a page, be sent to sign in, and arrive there."""
    if name == "editor":
        make_editor(username=name)
    page.goto(path)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(account_button(page)).to_be_visible()


def account_button(page: Page) -> Locator:
    """Return what only whoever is signed in has: the button of their own menu."""
    return page.get_by_role("button", name="Account:")


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
