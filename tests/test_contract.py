"""The contract of health, assignments, events and stats, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.models import Experiment
from experiments.pages import home_page
from experiments.tests.factories import ExperimentFactory, variants_of
from tests.api_client import ANYONE, ApiClient, Reply, new_id

pytestmark = pytest.mark.django_db


def assign(experiment: Experiment, visitor_id: str, path: str = "/api/assignments") -> Reply:
    return ANYONE("POST", path, {"visitorId": visitor_id, "experimentId": str(experiment.id)})


def event(experiment: Experiment, visitor_id: str, **more: Any) -> dict[str, Any]:
    """Return an event of the visitor's own variant."""
    variant_id = assign(experiment, visitor_id).body["variantId"]
    ids = {"visitorId": visitor_id, "experimentId": str(experiment.id), "variantId": variant_id}
    return {**ids, "eventType": "page_view", **more}


def test_health_of_a_well_service_is_200_with_its_shape() -> None:
    reply = ANYONE("GET", "/api/health")
    assert reply.status == 200
    assert reply.body.keys() == {
        *("status", "service", "version", "uptime", "timestamp", "database")
    }
    assert (reply.body["status"], reply.body["database"]) == ("healthy", "connected")


@pytest.mark.parametrize("path", ["/api/assignments", "/api/assign"])
def test_assignment_of_a_visitor_is_given_and_repeated(path: str) -> None:
    experiment = ExperimentFactory()
    visitor_id = new_id()
    first = assign(experiment, visitor_id, path)
    assert first.status == 200
    assert first.body.keys() == {"visitorId", "experimentId", "variantId", "variantName"}
    names = {str(variant.id): variant.name for variant in variants_of(experiment)}
    assert names[first.body["variantId"]] == first.body["variantName"]
    upper = {"visitorId": visitor_id.upper(), "experimentId": str(experiment.id).upper()}
    assert ANYONE("POST", path, upper).body == first.body


@pytest.mark.parametrize("path", ["/api/assignments", "/api/assign"])
def test_assignment_of_what_is_not_there_is_404(path: str) -> None:
    empty = Experiment.objects.create(name="Without variants", page=home_page())
    for experiment_id in (new_id(), str(empty.id)):
        wish = {"visitorId": new_id(), "experimentId": experiment_id}
        assert ANYONE("POST", path, wish).status == 404


@pytest.mark.parametrize(
    ("through", "newcomer", "returner"),
    [
        ([], 409, None),
        (["start"], 200, 200),
        (["start", "pause"], 409, 200),
        (["start", "pause", "resume"], 200, 200),
        (["start", "complete"], 409, 200),
        (["start", "pause", "complete"], 409, 200),
    ],
)
def test_assignment_by_status_and_history(
    staff: ApiClient, through: list[str], newcomer: int, returner: int | None
) -> None:
    experiment = ExperimentFactory(through=through[:1])
    visitor_id = new_id()
    before = assign(experiment, visitor_id) if through else None
    status_after = {"pause": "paused", "resume": "active", "complete": "completed"}
    for step in through[1:]:
        change = {"status": status_after[step]}
        assert staff("PATCH", f"/api/experiments/{experiment.id}", change).status == 200
    assert assign(experiment, new_id()).status == newcomer
    if before is not None:
        again = assign(experiment, visitor_id)
        assert (again.status, again.body) == (returner, before.body)


@pytest.mark.parametrize("path", ["/api/events", "/api/track"])
def test_event_is_recorded_once_for_one_id(path: str) -> None:
    experiment = ExperimentFactory()
    sent = event(experiment, new_id(), id=new_id(), metadata={"depth": 50})
    replies = [ANYONE("POST", path, sent) for _ in range(2)]
    assert replies[0].status == 201
    assert replies[0].body["id"] == sent["id"]
    assert replies[0].body["message"] == "Event recorded"
    assert (replies[1].status, replies[1].body) == (201, replies[0].body)
    other = {**sent, "eventType": "click"}
    assert ANYONE("POST", path, other).status == 409


def test_event_of_another_variant_than_the_visitors_own_is_400() -> None:
    experiment, other = ExperimentFactory(), ExperimentFactory()
    sent = event(experiment, new_id())
    own = sent["variantId"]
    [foreign] = [v for v in variants_of(experiment) if str(v.id) != own]
    for variant in (foreign, variants_of(other)[0]):
        refused = ANYONE("POST", "/api/events", {**sent, "variantId": str(variant.id)})
        assert refused.wrong_fields == {"variantId"}


@pytest.mark.parametrize(
    ("through", "status"), [([], 409), (["start", "pause"], 201), (["start", "complete"], 409)]
)
def test_event_by_the_experiments_status(staff: ApiClient, through: list[str], status: int) -> None:
    experiment = ExperimentFactory(through=through[:1])
    visitor_id, variant_id = new_id(), str(variants_of(experiment)[0].id)
    if through:
        variant_id = assign(experiment, visitor_id).body["variantId"]
        target = {"pause": "paused", "complete": "completed"}[through[1]]
        staff("PATCH", f"/api/experiments/{experiment.id}", {"status": target})
    ids = {"visitorId": visitor_id, "experimentId": str(experiment.id), "variantId": variant_id}
    assert ANYONE("POST", "/api/events", {**ids, "eventType": "click"}).status == status


def test_batch_is_recorded_whole_or_not_at_all(staff: ApiClient) -> None:
    experiment = ExperimentFactory()
    events = [event(experiment, new_id()) for _ in range(3)]
    wrong = {**events[0], "visitorId": "nobody"}
    assert ANYONE("POST", "/api/events/batch", {"events": [*events, wrong]}).status == 400
    stats = f"/api/stats?experimentId={experiment.id}"
    assert staff("GET", stats).body["totalVisitors"] == 0
    reply = ANYONE("POST", "/api/events/batch", {"events": events})
    assert (reply.status, reply.body) == (201, {"count": 3, "message": "3 event(s) recorded"})
    assert staff("GET", stats).body["totalVisitors"] == 3


def test_stats_list_every_variant_with_its_figures(staff: ApiClient) -> None:
    experiment = ExperimentFactory(split=[100, 0])
    sent = event(experiment, new_id())
    for event_type in ("page_view", "page_view", "cta_click"):
        assert ANYONE("POST", "/api/events", {**sent, "eventType": event_type}).status == 201
    body = staff("GET", f"/api/stats?experimentId={experiment.id}").body
    first, second = body["variants"]
    assert (body["totalVisitors"], body["confidence"], body["significanceReached"]) == (
        *(1, None),
        False,
    )
    assert first["eventBreakdown"] == {
        **dict.fromkeys(("click", "form_submit", "scroll_depth"), 0),
        "page_view": 2,
        "cta_click": 1,
    }
    assert (first["totalEvents"], first["uniqueVisitors"], first["conversionRate"]) == (3, 1, 1)
    assert (second["totalEvents"], second["uniqueVisitors"], second["conversionRate"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?experimentId=xyz", 400),
        (f"?experimentId={new_id()}", 404),
        (f"?experimentId={new_id()}&startDate=soon", 400),
        (f"?experimentId={new_id()}&startDate=2026-02-30", 400),
        (f"?experimentId={new_id()}&startDate=2026-02-02&endDate=2026-02-01", 400),
        ("?experimentId=%00&startDate=%ff&%ff=%00&=&&&", 400),
    ],
)
def test_stats_of_a_query_that_leads_nowhere(staff: ApiClient, query: str, status: int) -> None:
    assert staff("GET", f"/api/stats{query}").status == status
