"""The site that is pictured: how to make it do things, and how to reach its pages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import APIRequestContext, Page, StorageState
from screen_setup import MAKE_THE_REST, MAKE_VIEWER

from experiments.bucketing import bucket_of

PROJECT = Path(__file__).resolve().parent.parent
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
    # What stands in paths: experiments by the state that they are pictured in, and other things.
    ids: dict[str, str] = field(default_factory=dict)
    signed_in: dict[str, StorageState] = field(default_factory=dict)
    # The paths of the pages that there are pictures of.
    pictured: set[str] = field(default_factory=set)

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
    made = site.manage(
        "shell", "--no-imports", "--command", MAKE_THE_REST.format(DEFAULT_EXPERIMENT)
    )
    site.ids |= json.loads(made.splitlines()[-1])
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


def visitor_in(buckets: range) -> str:
    candidates = (str(uuid.UUID(int=number, version=4)) for number in range(1, 10_000))
    return next(v for v in candidates if bucket_of(v, DEFAULT_EXPERIMENT) in buckets)


def at(path: str) -> Callable[[Page, Site], Any]:
    """Open a path; `{empty}` stands for the experiment that is empty, and so on."""
    return lambda page, site: page.goto(path.format(default=DEFAULT_EXPERIMENT, **site.ids))


def landing_as(variant: str) -> Callable[[Page, Site], Any]:
    def show(page: Page, site: Site) -> None:
        visitor = {"name": "visitor_id", "value": visitor_in(VISITORS[variant]), "url": site.url}
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
