"""What the tracker does when its reports aren't taken: again with the same ids, but not forever."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from experiments.tests.factories import ExperimentFactory
from tests.e2e.mishaps import Mishaps
from tests.e2e.reports import ENDPOINT, send_pending, types_kept, wait_for, wait_for_events

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@dataclass
class Gatekeeper:
    """Answers reports in the server's place, by a list; after its end the server answers itself.

    An answer is a status with headers, or None for a connection that breaks.
    """

    answers: list[tuple[int, dict[str, str]] | None]
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)

    def __call__(self, route: Route) -> None:
        self.moments.append(time.monotonic())
        self.batches.append(json.loads(route.request.post_data or "")["events"])
        if not self.answers:
            route.continue_()
            return
        answer = self.answers.pop(0)
        if answer is None:
            route.abort("connectionreset")
        else:
            route.fulfill(status=answer[0], headers=answer[1], body="{}")

    def ids(self, number: int) -> list[str]:
        return [event["id"] for event in self.batches[number]]


@pytest.fixture(autouse=True)
def expected(mishaps: Mishaps) -> None:
    mishaps.expect("/api/events/batch")


def keep(page: Page, *answers: tuple[int, dict[str, str]] | None) -> Gatekeeper:
    gatekeeper = Gatekeeper(list(answers))
    page.route(ENDPOINT, gatekeeper)
    return gatekeeper


def hurry(page: Page, until: Any, what: str) -> None:
    """Let the page's own clock run fast until something holds."""

    def is_there() -> bool:
        page.clock.run_for(5000)
        return bool(until())

    wait_for(page, is_there, what)


@pytest.mark.parametrize("answer", [(503, {}), (500, {}), None])
def test_failed_report_is_sent_again_with_the_same_ids(
    page: Page, answer: tuple[int, dict[str, str]] | None
) -> None:
    ExperimentFactory()
    gatekeeper = keep(page, answer)
    page.goto("/")
    wait_for_events(page, 1)
    assert len(gatekeeper.batches) == 2
    assert gatekeeper.ids(0) == gatekeeper.ids(1)
    assert types_kept() == ["page_view"]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_waits_as_long_as_it_is_told(page: Page, status: int) -> None:
    ExperimentFactory()
    gatekeeper = keep(page, (status, {"Retry-After": "4"}))
    page.goto("/")
    wait_for_events(page, 1)
    first, second = gatekeeper.moments
    assert second - first >= 3.9


def test_events_of_meanwhile_wait_too_and_join(page: Page) -> None:
    ExperimentFactory()
    gatekeeper = keep(page, (503, {"Retry-After": "2"}))
    page.goto("/")
    wait_for(page, lambda: len(gatekeeper.batches) == 1, "the first report")
    page.locator('[data-cta="header"]').click()
    wait_for_events(page, 2, event_type__in=["page_view", "cta_click"])
    assert gatekeeper.ids(1)[0] == gatekeeper.ids(0)[0]
    assert gatekeeper.moments[1] - gatekeeper.moments[0] >= 1.9


def test_report_is_given_up_after_five_tries(page: Page) -> None:
    ExperimentFactory()
    gatekeeper = keep(page, *[(503, {})] * 5)
    page.clock.install()
    page.goto("/")
    hurry(page, lambda: len(gatekeeper.batches) == 5, "five tries")
    page.clock.run_for(120_000)
    send_pending(page)
    assert len(gatekeeper.batches) == 5
    assert len({tuple(gatekeeper.ids(number)) for number in range(5)}) == 1
    assert types_kept() == []


@pytest.mark.parametrize("status", [400, 404, 409, 413])
def test_refused_report_is_dropped(page: Page, status: int) -> None:
    ExperimentFactory()
    gatekeeper = keep(page, (status, {}))
    page.clock.install()
    page.goto("/")
    hurry(page, lambda: len(gatekeeper.batches) == 1, "the report")
    page.clock.run_for(120_000)
    send_pending(page)
    assert len(gatekeeper.batches) == 1
    assert types_kept() == []


def test_experiment_that_ended_meanwhile_costs_the_others_nothing(page: Page) -> None:
    ended = ExperimentFactory()
    other = ExperimentFactory()
    page.goto("/")
    ended.status, ended.completed_at = "completed", ended.started_at
    ended.save()
    [event] = wait_for_events(page, 1)
    assert event.experiment_id == other.id


def test_many_events_leave_in_batches_below_the_beacons_limit(page: Page) -> None:
    ExperimentFactory()
    gatekeeper = keep(page)
    page.goto("/")
    page.evaluate("for (let n = 0; n < 400; n++) document.querySelector('[data-cta=hero]').click()")
    wait_for_events(page, 401)
    assert max(len(batch) for batch in gatekeeper.batches) <= 500
    assert max(len(json.dumps({"events": batch})) for batch in gatekeeper.batches) < 60_000
