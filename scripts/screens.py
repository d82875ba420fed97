"""What is pictured: each page of the product in the states that people meet it in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from playwright.sync_api import APIRequestContext, Page, StorageState
from screen_setup import MAKE_DRAFT, MAKE_VIEWER

from experiments.bucketing import bucket_of

DEFAULT_EXPERIMENT = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
# A visitor for each half of the default experiment's split.
VISITORS = {"control": range(50), "variant_a": range(50, 100)}
# Passwords by name; the first is the development sign-in.
ACCOUNTS = {"staff": "staff", "viewer": "look-and-change-nothing"}


@dataclass
class Site:
    """The running product: where it is, and how to make it do things."""

    url: str
    manage: Callable[..., str]
    requests: APIRequestContext
    token: str = ""
    # Experiments by the state that they are pictured in.
    ids: dict[str, str] = field(default_factory=dict)
    signed_in: dict[str, StorageState] = field(default_factory=dict)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Make one call of the API as staff, and return its answer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.requests.fetch(path, method=method, data=body, headers=headers)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.text()}")
        return answer.json()


@dataclass(frozen=True)
class Screen:
    """One picture's name, how its page is reached, and who is signed in: by default nobody."""

    name: str
    show: Callable[[Page, Site], Any]
    account: str = ""


def prepare(site: Site) -> None:
    """Make what the pictures show beside the simulated visitors."""
    site.token = site.manage("create_token", "nightly report").strip()
    site.manage(
        "shell", "--no-imports", "--command", MAKE_VIEWER.format("viewer", ACCOUNTS["viewer"])
    )
    for state, texts in {
        "empty": {"features_title": "What your team gets"},
        "paused": {"steps_title": "A day in four steps"},
        "completed": {"footer_text": "Made for people who like to go home."},
    }.items():
        made = site.call("POST", "/api/experiments", _draft(state, texts))
        site.ids[state] = made["id"]
    site.ids["draft"] = site.manage("shell", "--no-imports", "--command", MAKE_DRAFT).strip()
    for state in ("paused", "completed"):
        site.call("PATCH", f"/api/experiments/{site.ids[state]}", {"status": state})
    # From our own page, as the header says, by people who asked not to be counted.
    for address in ("first@example.org", "second.with.a.longer.name@mail.example.com"):
        headers = {"Origin": site.url, "DNT": "1"}
        site.requests.post("/sign-up", form={"email": address}, headers=headers)


def _draft(state: str, texts: dict[str, str]) -> dict[str, Any]:
    treatments = [{"name": "shorter", "content": texts}, {"name": "shortest"}]
    return {
        "name": f"An experiment that is {state}",
        "description": "One text of the page in another wording",
        "variants": [{"name": "control"}, *treatments],
        "trafficSplit": [50, 30, 20],
    }


def _visitor_in(buckets: range) -> str:
    candidates = (str(uuid.UUID(int=number, version=4)) for number in range(1, 10_000))
    return next(v for v in candidates if bucket_of(v, DEFAULT_EXPERIMENT) in buckets)


def at(path: str) -> Callable[[Page, Site], Any]:
    """Open a path; `{empty}` and the like stand for the experiment of that state."""
    return lambda page, site: page.goto(path.format(default=DEFAULT_EXPERIMENT, **site.ids))


def landing_as(variant: str) -> Callable[[Page, Site], Any]:
    def show(page: Page, site: Site) -> None:
        visitor = {"name": "visitor_id", "value": _visitor_in(VISITORS[variant]), "url": site.url}
        page.context.add_cookies([visitor])  # type: ignore[list-item]  # a TypedDict, all optional
        page.goto("/")

    return show


def landing_with_toggles_turned(page: Page, site: Site) -> None:
    """The page with every toggle the other way, which are then put back."""
    toggles = site.call("GET", "/api/toggles")
    for toggle in toggles:
        site.call("PATCH", f"/api/toggles/{toggle['id']}", {"enabled": not toggle["enabled"]})
    landing_as("control")(page, site)
    for toggle in toggles:
        site.call("PATCH", f"/api/toggles/{toggle['id']}", {"enabled": toggle["enabled"]})


def signing_up(address: str) -> Callable[[Page, Site], Any]:
    def show(page: Page, site: Site) -> None:
        landing_as("control")(page, site)
        # The browser's own check would keep the page's from being seen.
        page.eval_on_selector("form", "form => { form.noValidate = true; }")
        page.fill("input[name=email]", address)
        with page.expect_navigation():
            page.press("input[name=email]", "Enter")

    return show


def sign_in(page: Page, account: str, *, wrongly: bool = False) -> None:
    page.goto("/dashboard/sign-in/")
    page.fill("input[name=username]", account)
    page.fill("input[name=password]", ACCOUNTS[account] + ("x" if wrongly else ""))
    with page.expect_navigation():
        page.press("input[name=password]", "Enter")


def form_with_errors(page: Page, _site: Site) -> None:
    page.goto("/dashboard/experiments/new/")
    page.click("#add-variant")
    page.wait_for_selector("[name$='2-weight']")
    page.fill("[name$='0-weight']", "70")
    page.click(".save-bar button[type=submit]")
    page.wait_for_selector(".field-error")


def form_in_conflict(page: Page, site: Site) -> None:
    page.goto(f"/dashboard/experiments/{site.ids['empty']}/edit/")
    # Somebody else is quicker.
    theirs = {"description": "The features' title in fewer words"}
    site.call("PATCH", f"/api/experiments/{site.ids['empty']}", theirs)
    page.fill("[name=name]", "The name that came second")
    page.fill("[name=description]", "The description that came second")
    page.click(".save-bar button[type=submit]")
    page.wait_for_selector("#conflict-title")


def question(path: str, button: str) -> Callable[[Page, Site], Any]:
    """Open a page and press the first of the buttons that ask before they act."""

    def show(page: Page, site: Site) -> None:
        at(path)(page, site)
        page.click(f"button[id^='ask-{button}']")

    return show


def plan_impossible(page: Page, site: Site) -> None:
    at("/dashboard/experiments/{draft}/plan/")(page, site)
    page.fill("[name=baseline_rate]", "40")
    page.fill("[name=minimum_lift]", "160")
    page.wait_for_selector("#answer .field-error")


def phase_asked(page: Page, site: Site) -> None:
    at("/dashboard/experiments/{default}/edit/")(page, site)
    page.fill("[name$='0-weight']", "20")
    page.fill("[name$='1-weight']", "80")
    page.click(".save-bar button[type=submit]")
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


def toggle_change(page: Page, _site: Site) -> None:
    page.goto("/dashboard/toggles/")
    page.get_by_role("link", name="Change").first.click()


def _screens() -> Iterator[Screen]:
    home = "/dashboard/experiments/"
    yield Screen("sign-in", at("/dashboard/sign-in/"))
    yield Screen("sign-in-refused", lambda page, _site: sign_in(page, "staff", wrongly=True))
    yield Screen("home", at("/dashboard/"), "staff")
    yield Screen("experiments", at(home), "staff")
    yield Screen("results", at(home + "{default}/"), "staff")
    yield Screen("results-drawers-open", drawers_open(home + "{default}/"), "staff")
    yield Screen("results-empty", at(home + "{empty}/"), "staff")
    yield Screen("results-paused", at(home + "{paused}/"), "staff")
    yield Screen("results-completed", at(home + "{completed}/"), "staff")
    yield Screen("results-question", question(home + "{default}/", "complete"), "staff")
    yield Screen("breakdown", at(home + "{default}/breakdown/?by=device"), "staff")
    yield Screen("breakdown-days", at(home + "{default}/breakdown/?by=day"), "staff")
    yield Screen("plan", at(home + "{draft}/plan/"), "staff")
    yield Screen("plan-impossible", plan_impossible, "staff")
    yield Screen("goals", at(home + "{draft}/goals/"), "staff")
    yield Screen("goal-new", drawers_open(home + "{draft}/goals/new/"), "staff")
    yield Screen("phase-question", phase_asked, "staff")
    yield Screen("experiment-new", at(home + "new/"), "staff")
    yield Screen("experiment-new-errors", form_with_errors, "staff")
    yield Screen("experiment-edit", at(home + "{default}/edit/"), "staff")
    yield Screen("experiment-conflict", form_in_conflict, "staff")
    yield Screen("history", at("/dashboard/history/"), "staff")
    yield Screen("history-both-sides", drawers_open("/dashboard/history/?kind=variant"), "staff")
    yield Screen("history-nothing", at("/dashboard/history/?last=2020-01-01"), "staff")
    yield Screen("history-of-one", at(home + "{completed}/history/"), "viewer")
    yield Screen("simulator", at("/dashboard/simulate/"), "viewer")
    yield Screen("simulator-answer", simulated, "staff")
    yield Screen("toggles", at("/dashboard/toggles/"), "staff")
    yield Screen("toggles-question", question("/dashboard/toggles/", "delete"), "staff")
    yield Screen("toggle-new", at("/dashboard/toggles/new/"), "staff")
    yield Screen("toggle-change", toggle_change, "staff")
    yield Screen("leads", at("/dashboard/leads/"), "staff")
    yield Screen("leads-search", at("/dashboard/leads/?q=example.org"), "staff")
    yield Screen("leads-question", question("/dashboard/leads/?q=e", "delete-found"), "staff")
    yield Screen("people", at("/dashboard/people/"), "staff")
    yield Screen("people-question", question("/dashboard/people/", "deactivate"), "staff")
    yield Screen("people-invited", inviting("ada@example.org"), "staff")
    yield Screen("invitation", invited, "staff")
    yield Screen("invitation-errors", partial(invited, typed="1234567"), "staff")
    yield Screen("invitation-gone", at("/dashboard/invitation/"))
    yield Screen("account", at("/dashboard/account/"), "staff")
    yield Screen("password-forgotten", at("/dashboard/password/"))
    yield Screen("password-sent", at("/dashboard/password/sent/"))
    yield Screen("tokens", at("/dashboard/tokens/"), "staff")
    yield Screen("token-made", new_token, "staff")
    yield Screen("viewer-results", at(home + "{default}/"), "viewer")
    yield Screen("viewer-toggles", at("/dashboard/toggles/"), "viewer")
    yield Screen("viewer-forbidden", at("/dashboard/tokens/"), "viewer")
    # Last, since these visitors are counted.
    yield Screen("landing-control", landing_as("control"))
    yield Screen("landing-variant", landing_as("variant_a"))
    yield Screen("landing-toggles-turned", landing_with_toggles_turned)
    yield Screen("landing-sign-up-error", signing_up("somebody@nowhere"))
    yield Screen("landing-sign-up-done", signing_up("reader@example.org"))
    # The visitors have left something to be seen.
    yield Screen("live-events", at("/dashboard/events/"), "staff")
    yield Screen("error-not-found", at("/nothing-here"))


SCREENS = tuple(_screens())
