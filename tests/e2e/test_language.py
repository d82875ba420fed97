"""The dashboard in German, as a person chooses it: before signing in, on every page, and back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from experiments.tests.factories import ExperimentFactory, make_editor
from metrics.models import Lead
from tests.e2e.mishaps import Mishaps
from tests.e2e.staff import PASSWORD, account_button, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def language_of(page: Page) -> str | None:
    return page.locator("html").get_attribute("lang")


def test_reader_switches_to_german_and_back(page: Page) -> None:
    experiment = ExperimentFactory.create(name="Headline", through=["start"])
    sign_in(page, f"/dashboard/experiments/{experiment.id}/")
    assert language_of(page) == "en"
    account_button(page).click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    # The same page as before.
    assert str(experiment.id) in page.url
    expect(page.get_by_role("link", name="Ergebnisse")).to_be_visible()
    expect(page.get_by_role("heading", name="Wartet auf den ersten Besucher")).to_be_visible()
    # What a page fetches by itself speaks German too.
    page.get_by_role("link", name="Leads").click()
    expect(page.get_by_role("heading", name="Noch keine Leads")).to_be_visible()
    page.get_by_role("button", name="Konto:").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", name="No leads yet")).to_be_visible()


def test_german_browser_is_answered_in_german_and_moments_are_written_so(
    browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    make_editor(username="maria")
    Lead.objects.create(email="reader@x.example")
    context = browser.new_context(
        **{**browser_context_args, "locale": "de-DE", "timezone_id": "Europe/Berlin"}
    )
    watcher = Mishaps(context)
    page = context.new_page()
    page.goto("/dashboard/leads/")
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    page.get_by_label("Benutzername").fill("maria")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Leads")).to_be_visible()
    moment = page.locator("time.moment").first
    expect(moment).to_have_text(re.compile(r"^\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2}$"))
    expect(moment).to_have_attribute("title", re.compile(r"^\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2} UTC$"))
    context.close()
    assert watcher.unexpected() == []


def test_language_is_chosen_without_a_script_before_signing_in(
    browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    page = context.new_page()
    page.goto("/dashboard/sign-in/")
    page.get_by_role("button", name="Deutsch").click()
    assert language_of(page) == "de"
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    context.close()
