"""People and leads as staff meet them, in Chromium: three people, each with a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from experiments import people
from experiments.roles import StaffRole
from experiments.tests.factories import make_viewer
from metrics.models import Lead
from tests.e2e.mishaps import Mishaps
from tests.e2e.staff import PASSWORD, account_button, confirm, sign_in, toast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CHOSEN = "a lamp above the desk"


@pytest.fixture
def guest(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """Somebody else's browser, in which as little may go wrong."""
    context = browser.new_context(**browser_context_args)
    watcher = Mishaps(context)
    yield context.new_page()
    context.close()
    assert watcher.unexpected() == []


def join(guest: Page, link: str, name: str) -> None:
    guest.goto(link)
    expect(guest.get_by_role("heading", name="Welcome")).to_be_visible()
    guest.get_by_label("User name").fill(name)
    guest.get_by_label("Password", exact=True).fill(CHOSEN)
    guest.get_by_label("Password again").fill(CHOSEN)
    guest.get_by_role("button", name="Join and sign in").click()
    expect(account_button(guest)).to_be_visible()


def test_person_is_invited_chooses_a_password_and_is_signed_in(page: Page, guest: Page) -> None:
    sign_in(page, "/dashboard/people/")
    page.get_by_label("Editor: changes everything").check()
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#new-link").text_content() or ""
    expect(page.get_by_role("alert")).to_contain_text("The invitation is ready")
    expect(page.get_by_text("A link to give on")).to_be_visible()

    join(guest, link, "ada")
    toast(guest, "Welcome, ada.")
    expect(account_button(guest)).to_contain_text("Editor")
    assert people.role_of(User.objects.get(username="ada")) is StaffRole.EDITOR

    page.reload()
    expect(page.locator("#new-link")).to_have_count(0)
    expect(page.get_by_text("A link to give on")).to_have_count(0)
    row = page.get_by_role("row").filter(has_text="ada")
    expect(row).to_contain_text("Editor")
    row.get_by_role("button", name="Make viewer").click()
    page.get_by_role("dialog").get_by_role("button", name="Make viewer").click()
    toast(page, "ada is a viewer now.")
    guest.goto("/dashboard/toggles/")
    expect(account_button(guest)).to_contain_text("Viewer")


def test_deactivated_person_is_out_at_once(page: Page, guest: Page) -> None:
    make_viewer(username="bea")
    sign_in(page, "/dashboard/people/")
    sign_in(guest, "/dashboard/toggles/", name="bea")
    confirm(page, "Deactivate")
    toast(page, "bea is deactivated, and signed out everywhere.")
    guest.reload()
    expect(guest.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Reactivate").click()
    toast(page, "bea may sign in again.")
    guest.get_by_label("User name").fill("bea")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Sign in").click()
    expect(guest).to_have_url(re.compile("/dashboard/toggles/$"))


def test_own_password_is_changed_and_what_is_wrong_is_said_first(
    page: Page, mishaps: Mishaps
) -> None:
    mishaps.expect("422", "Response Status Error Code")
    sign_in(page, "/dashboard/toggles/")
    account_button(page).click()
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    page.get_by_label("Your password now").fill("wrong")
    page.get_by_label("New password", exact=True).fill(CHOSEN)
    page.get_by_label("New password again").fill(CHOSEN)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("This isn't your password.")).to_be_visible()
    page.get_by_label("Your password now").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(CHOSEN)
    page.get_by_label("New password again").fill(CHOSEN)
    page.get_by_role("button", name="Change the password").click()
    toast(page, "Your password is changed.")
    assert User.objects.get(username="editor").check_password(CHOSEN)


def test_lead_who_asks_to_be_forgotten_is_found_while_typing_and_deleted_in_two_clicks(
    page: Page,
) -> None:
    for name in ("ada", "adam", "bea"):
        Lead.objects.create(email=f"{name}@example.org")
    sign_in(page, "/dashboard/leads/")
    search = page.get_by_role("searchbox", name="Part of the address")
    search.press_sequentially("ada@")
    expect(page.get_by_text("1 of 3 with “ada@”")).to_be_visible()
    expect(search).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?q=ada%40$"))
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    toast(page, "ada@example.org is deleted.")
    expect(page.get_by_role("heading", name="No address has this in it")).to_be_visible()
    assert sorted(lead.email[:4] for lead in Lead.objects.all()) == ["adam", "bea@"]


def test_all_that_a_search_finds_is_deleted_after_its_number_was_read(page: Page) -> None:
    for name in ("ada", "adam", "bea"):
        Lead.objects.create(email=f"{name}@example.org")
    sign_in(page, "/dashboard/leads/?q=ada")
    page.get_by_role("button", name="Delete 2 addresses").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 2 addresses with “ada”?")
    dialog.get_by_role("button", name="Delete 2 addresses").click()
    toast(page, "Deleted: 2 with “ada”.")
    assert [lead.email for lead in Lead.objects.all()] == ["bea@example.org"]


@pytest.mark.parametrize(
    ("zone", "day", "text"),
    [
        ("America/New_York", datetime(2026, 9, 5, 1, 7, 9, tzinfo=UTC), "4 Sep 2026, 21:07"),
        ("Asia/Kolkata", datetime(2026, 12, 31, 18, 31, tzinfo=UTC), "1 Jan 2027, 00:01"),
        ("UTC", datetime(2026, 3, 5, 0, 0, tzinfo=UTC), "5 Mar 2026, 00:00"),
    ],
)
def test_moment_is_in_the_readers_zone_and_in_utc_on_hover(
    browser: Browser,
    browser_context_args: dict[str, Any],
    zone: str,
    day: datetime,
    text: str,
) -> None:
    Lead.objects.create(email="ada@example.org", created_at=day)
    context = browser.new_context(**browser_context_args, timezone_id=zone)
    page = context.new_page()
    sign_in(page, "/dashboard/leads/")
    moment = page.get_by_role("table").locator("time")
    expect(moment).to_have_text(text)
    utc = f"{day.day} {day:%b %Y, %H:%M} UTC"
    expect(moment).to_have_attribute("title", utc)
    # What is swapped in is written so too.
    page.get_by_role("searchbox").fill("ada")
    expect(page.get_by_text("1 of 1 with “ada”")).to_be_visible()
    expect(moment).to_have_text(text)
    context.close()


@pytest.mark.browser_context_args(java_script_enabled=False, timezone_id="Asia/Kolkata")
def test_people_and_leads_work_without_scripts(page: Page, guest: Page) -> None:
    Lead.objects.create(email="ada@example.org", created_at=datetime(2026, 3, 5, tzinfo=UTC))
    sign_in(page, "/dashboard/leads/")
    suffix = "getComputedStyle(document.querySelector('td time'), '::after').content"
    assert page.evaluate(suffix) == '" UTC"'
    expect(page.locator("td time")).to_have_text("5 Mar 2026, 00:00")
    page.get_by_role("searchbox").fill("zoe")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="No address has this in it")).to_be_visible()
    page.get_by_role("link", name="Show all leads").click()
    confirm(page, "Delete")
    expect(page.get_by_role("heading", name="No leads yet")).to_be_visible()
    page.get_by_role("link", name="People").click()
    page.get_by_role("button", name="Make the link").click()
    join(guest, page.locator("#new-link").text_content() or "", "bea")


def test_too_many_attempts_say_when_to_try_again_and_keep_the_name(
    page: Page, mishaps: Mishaps, settings: Settings
) -> None:
    mishaps.expect("429")
    limits = {"sign-ins": 1, "account-sign-ins": 20}
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, **limits}
    page.goto("/dashboard/")
    for _ in range(2):
        page.get_by_label("User name").fill("editor")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text(
        re.compile(r"^Too many attempts to sign in\. Wait \d+ seconds?, then try again\.$")
    )
    expect(page.get_by_label("User name")).to_have_value("editor")
    expect(page.get_by_label("Password")).to_have_value("")
