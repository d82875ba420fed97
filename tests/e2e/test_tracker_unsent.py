"""What the server hasn't confirmed waits in the tab, and goes at the next chance, under its ids."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route

from experiments.lifecycle import Transition
from experiments.services import transition_experiment
from experiments.tests.factories import ExperimentFactory
from tests.e2e.mishaps import Mishaps
from tests.e2e.reports import ENDPOINT, kept, send_pending, types_kept, wait_for, wait_for_events

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

UNSENT = "JSON.parse(sessionStorage.getItem('plainsplit.unsent') || '[]')"
TRIES = 5


@dataclass
class Gate:
    """Stands before the server: open, or answering 503 in its place as in an outage."""

    is_open: bool = False
    refused: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)

    def __call__(self, route: Route) -> None:
        events: list[dict[str, Any]] = json.loads(route.request.post_data or "")["events"]
        ids = [event["id"] for event in events]
        if self.is_open:
            self.passed += ids
            route.continue_()
        else:
            self.refused += ids
            route.fulfill(status=503, headers={"Retry-After": "1"}, body="{}")


@pytest.fixture
def gate(page: Page, mishaps: Mishaps) -> Gate:
    mishaps.expect("/api/events/batch")
    made = Gate()
    page.route(ENDPOINT, made)
    return made


def unsent_ids(page: Page) -> set[str]:
    return {event["id"] for event in page.evaluate(UNSENT)}


def hide(page: Page) -> None:
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")


def come_back(page: Page) -> None:
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")


def give_up(page: Page, gate: Gate) -> None:
    """Let the page's clock run until the tracker has tried in vain as often as it does."""

    def has_tried() -> bool:
        page.clock.run_for(5000)
        return len(gate.refused) >= TRIES

    wait_for(page, has_tried, "all tries")
    # Its last answer is read.
    wait_for(page, lambda: bool(unsent_ids(page)), "the events to be put by")


def test_events_of_an_outage_are_sent_by_the_next_page_of_the_tab(page: Page, gate: Gate) -> None:
    # No gate stands in a beacon's way; this one is lost, as in an outage.
    page.add_init_script("navigator.sendBeacon = () => true")
    ExperimentFactory()
    page.goto("/")
    page.locator('[data-cta="hero"]').click()
    wait_for(page, lambda: bool(gate.refused), "a refused report")
    send_pending(page)
    assert types_kept() == []
    gate.is_open = True
    page.goto("/")
    wait_for_events(page, 2, event_type="page_view")
    [click] = wait_for_events(page, 1, event_type="cta_click")
    assert str(click.id) in gate.refused
    assert {str(event.id) for event in kept()} >= set(gate.refused)


def test_confirmed_events_are_forgotten(page: Page, gate: Gate) -> None:
    ExperimentFactory()
    gate.is_open = True
    page.goto("/")
    wait_for_events(page, 1)
    wait_for(page, lambda: unsent_ids(page) == set(), "the confirmation")
    send_pending(page)
    page.goto("/")
    wait_for_events(page, 2)
    assert len(gate.passed) == len(set(gate.passed)) == 2


def test_events_left_behind_by_a_beacon_are_sent_again_and_counted_once(
    page: Page, gate: Gate
) -> None:
    ExperimentFactory()
    gate.is_open = True
    page.goto("/")
    hide(page)
    wait_for_events(page, 1)
    [event_id] = unsent_ids(page)
    page.goto("/")
    wait_for_events(page, 2)
    wait_for(page, lambda: unsent_ids(page) == set(), "the confirmation")
    assert gate.passed.count(event_id) >= 1
    assert types_kept() == ["page_view", "page_view"]


def test_connection_that_comes_back_is_a_chance(
    page: Page, context: BrowserContext, mishaps: Mishaps
) -> None:
    mishaps.expect("/api/events/batch", "ERR_INTERNET_DISCONNECTED")
    ExperimentFactory()
    page.clock.install()
    page.goto("/")
    context.set_offline(True)

    def has_given_up() -> bool:
        page.clock.run_for(5000)
        return bool(unsent_ids(page))

    failures: list[str] = []

    def note(request: Request) -> None:
        # The browser's own requests, for the favicon say, fail too.
        if request.url.endswith("/api/events/batch"):
            failures.append(request.url)

    page.on("requestfailed", note)
    wait_for(page, lambda: has_given_up() and len(failures) >= TRIES, "all tries")
    page.clock.run_for(120_000)
    assert len(failures) == TRIES
    context.set_offline(False)
    # The page hears of it and gathers for its usual moment.
    wait_for(page, lambda: _one_is_kept(page), "the report")
    assert types_kept() == ["page_view"]


def _one_is_kept(page: Page) -> bool:
    page.clock.run_for(500)
    return len(kept()) == 1


def test_return_by_back_is_a_chance_also_for_what_other_pages_left(page: Page, gate: Gate) -> None:
    ExperimentFactory()
    page.clock.install()
    page.goto("/")
    give_up(page, gate)
    hide(page)
    # As another page of the tab leaves it, where this one is kept whole for a return by Back.
    page.evaluate(
        f"const left = {UNSENT}; const [one] = left;"
        "left.push({ ...one, id: crypto.randomUUID(), eventType: 'click' });"
        "sessionStorage.setItem('plainsplit.unsent', JSON.stringify(left));"
    )
    gate.is_open = True
    come_back(page)
    page.clock.run_for(1500)
    wait_for_events(page, 2)
    assert types_kept() == ["click", "page_view"]
    wait_for(page, lambda: unsent_ids(page) == set(), "the confirmation")


def test_no_more_than_a_thousand_events_are_kept(page: Page, gate: Gate) -> None:
    ExperimentFactory()
    page.goto("/")
    page.evaluate(
        "for (let n = 0; n < 1200; n++) document.querySelector('[data-cta=hero]').click()"
    )
    hide(page)
    assert len(unsent_ids(page)) == 1000


def test_experiment_that_ended_meanwhile_costs_the_others_nothing(page: Page, gate: Gate) -> None:
    # No gate stands in a beacon's way, and it would race the experiment's end.
    page.add_init_script("navigator.sendBeacon = () => true")
    ended, other = ExperimentFactory(), ExperimentFactory()
    page.goto("/")
    wait_for(page, lambda: bool(gate.refused), "a refused report")
    send_pending(page)
    transition_experiment(experiment_id=ended.id, transition=Transition.COMPLETE)
    gate.is_open = True
    page.goto("/")
    events = wait_for_events(page, 2)
    assert {event.experiment_id for event in events} == {other.id}


@pytest.mark.parametrize("stored", ["{", "null", "7", "[null]", '[{"id": "x"}]', '{"id": 1}'])
def test_damaged_store_breaks_nothing(page: Page, gate: Gate, stored: str) -> None:
    ExperimentFactory()
    gate.is_open = True
    page.add_init_script(f"sessionStorage.setItem('plainsplit.unsent', {json.dumps(stored)})")
    page.goto("/")
    assert [event.event_type for event in wait_for_events(page, 1)] == ["page_view"]


def test_full_store_breaks_nothing(page: Page, gate: Gate) -> None:
    ExperimentFactory()
    gate.is_open = True
    page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full') }")
    page.goto("/")
    wait_for_events(page, 1)
    page.locator('[data-cta="hero"]').click()
    send_pending(page)
    wait_for_events(page, 1, event_type="cta_click")
