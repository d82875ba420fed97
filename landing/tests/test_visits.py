"""Which variants a visitor gets, what the assignments cookie spares, and what it can't forge."""

from __future__ import annotations

import time
import uuid

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from experiments import services
from experiments.lifecycle import Transition
from experiments.models import Assignment, Experiment
from experiments.tests.factories import ExperimentFactory, variants_of
from landing.cookies import ASSIGNMENTS_COOKIE, seal
from landing.tests.visits import (
    TREATMENT,
    StoreCalls,
    control_of,
    headline_of,
    tracked_in,
    visit,
    visitor_in,
)
from landing.visitors import VISITOR_COOKIE

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> StoreCalls:
    """Count statements in a process that has its snapshot, as a running server has."""
    settings.SNAPSHOT_MAX_AGE = 3600
    return StoreCalls(monkeypatch)


def walk(experiment: Experiment, *steps: str) -> None:
    for step in steps:
        services.transition_experiment(experiment_id=experiment.id, transition=Transition(step))


def test_visit_new_visitor_sees_and_reports_what_is_stored(client: Client) -> None:
    experiment = ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    response = visit(client)
    stored = Assignment.objects.get()
    assert headline_of(response) == TREATMENT
    assert tracked_in(response) == {str(experiment.id): str(stored.variant_id)}
    assert visitor_in(response) == str(stored.visitor_id)


def test_visit_new_costs_one_statement_and_returning_none(
    client: Client, calls: StoreCalls, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ExperimentFactory(content={"hero_headline": TREATMENT})
    ExperimentFactory(content={"hero_text": TREATMENT})
    calls.learn()
    with django_assert_num_queries(1):
        first = visit(client)
    assert calls.count() == 1
    with django_assert_num_queries(0):
        second = visit(client)
    assert calls.count() == 0
    assert tracked_in(second) == tracked_in(first)
    assert len(tracked_in(first)) == 2
    assert not {VISITOR_COOKIE, ASSIGNMENTS_COOKIE} & second.cookies.keys()


def test_visit_without_running_experiment_costs_nothing_and_reports_nothing(
    client: Client, calls: StoreCalls
) -> None:
    ExperimentFactory(through=[])
    calls.learn()
    response = visit(client)
    assert calls.count() == 0
    assert "tracker" not in response.content.decode()
    assert set(response.cookies) == {VISITOR_COOKIE, "csrftoken"}


def test_visit_after_split_change_keeps_variant(client: Client) -> None:
    experiment = ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    before = tracked_in(visit(client))
    services.update_experiment(experiment_id=experiment.id, traffic_split=[100, 0])
    assert tracked_in(visit(client)) == before
    del client.cookies[ASSIGNMENTS_COOKIE]
    assert tracked_in(visit(client)) == before


@pytest.mark.parametrize("cookie", ["forged", "of another visitor", "tampered", "not base64", ""])
def test_visit_assignments_cookie_that_is_not_ours_is_ignored(client: Client, cookie: str) -> None:
    experiment = ExperimentFactory(split=[100, 0], content={"hero_headline": TREATMENT})
    visitor_id = str(uuid.uuid4())
    wished = {str(experiment.id): str(variants_of(experiment)[1].id)}
    own = seal(visitor_id, wished)
    client.cookies[VISITOR_COOKIE] = visitor_id
    client.cookies[ASSIGNMENTS_COOKIE] = {
        "forged": f"{own.rpartition(':')[0]}:{'A' * 43}",
        "of another visitor": seal(str(uuid.uuid4()), wished),
        "tampered": f"{'C' if own[0] == 'B' else 'B'}{own[1:]}",
        "not base64": "ä:ö:ü",
        "": "",
    }[cookie]
    response = visit(client)
    assert tracked_in(response) == {str(experiment.id): str(control_of(experiment).id)}
    assert ASSIGNMENTS_COOKIE in response.cookies


def test_visit_assignments_cookie_of_last_year_is_ignored(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = ExperimentFactory(split=[100, 0])
    visitor_id = str(uuid.uuid4())
    client.cookies[VISITOR_COOKIE] = visitor_id
    wished = {str(experiment.id): str(variants_of(experiment)[1].id)}
    long_ago = time.time() - 366 * 24 * 3600
    with monkeypatch.context() as patched:
        patched.setattr("django.core.signing.time.time", lambda: long_ago)
        client.cookies[ASSIGNMENTS_COOKIE] = seal(visitor_id, wished)
    assert tracked_in(visit(client)) == {str(experiment.id): str(control_of(experiment).id)}


def test_visit_cookie_with_vanished_variant_asks_anew(client: Client) -> None:
    experiment = ExperimentFactory(split=[100, 0])
    visitor_id = str(uuid.uuid4())
    client.cookies[VISITOR_COOKIE] = visitor_id
    client.cookies[ASSIGNMENTS_COOKIE] = seal(
        visitor_id, {str(experiment.id): str(uuid.uuid4()), str(uuid.uuid4()): None}
    )
    assert tracked_in(visit(client)) == {str(experiment.id): str(control_of(experiment).id)}


def test_visit_while_paused_enrols_nobody_new_and_asks_once(
    client: Client, calls: StoreCalls
) -> None:
    experiment = ExperimentFactory(
        split=[0, 100], content={"hero_headline": TREATMENT}, through=["start", "pause"]
    )
    calls.learn()
    first = visit(client)
    assert calls.count() == 1
    second = visit(client)
    assert calls.count() == 0
    for response in (first, second):
        assert headline_of(response) != TREATMENT
        assert tracked_in(response) == {}
    walk(experiment, "resume")
    calls.learn()
    assert headline_of(visit(client)) == TREATMENT
    assert Assignment.objects.count() == 1


def test_visit_while_paused_keeps_those_it_has(client: Client) -> None:
    experiment = ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    before = tracked_in(visit(client))
    walk(experiment, "pause")
    services.update_experiment(experiment_id=experiment.id, traffic_split=[100, 0])
    assert tracked_in(visit(client)) == before
    # Without the cookie it is asked for, and found.
    del client.cookies[ASSIGNMENTS_COOKIE]
    response = visit(client)
    assert tracked_in(response) == before
    assert headline_of(response) == TREATMENT


def test_visit_when_another_experiment_starts_keeps_the_first(
    client: Client, calls: StoreCalls
) -> None:
    paused = ExperimentFactory(content={"cta_note": "A"}, through=["start", "pause"])
    first = ExperimentFactory(content={"hero_headline": TREATMENT})
    before = tracked_in(visit(client))
    second = ExperimentFactory(content={"hero_text": TREATMENT})
    calls.learn()
    after = tracked_in(visit(client))
    assert calls.count() == 1
    assert after[str(first.id)] == before[str(first.id)]
    assert set(after) == {str(first.id), str(second.id)}
    # What was asked before, and refused, is still remembered.
    visit(client)
    assert calls.count() == 0
    assert str(paused.id) not in after


@pytest.mark.parametrize(("winner", "headline"), [(1, TREATMENT), (0, ""), (None, "")])
def test_visit_completed_experiment_shows_winner_to_everybody_and_reports_nothing(
    client: Client, winner: int | None, headline: str
) -> None:
    ExperimentFactory(
        split=[100, 0],
        content={"hero_headline": TREATMENT},
        through=["start", "complete"],
        winner=winner,
    )
    for headers in ({}, {"sec_gpc": "1"}, {"user_agent": "Examplebot"}):
        response = visit(client, **headers)
        assert (headline_of(response) == TREATMENT) is bool(headline)
        assert tracked_in(response) == {}
    assert not Assignment.objects.exists()


def test_visit_of_those_enrolled_before_completion_shows_winner_too(client: Client) -> None:
    experiment = ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    assert headline_of(visit(client)) == TREATMENT
    walk(experiment, "complete")
    response = visit(client)
    assert headline_of(response) != TREATMENT
    assert tracked_in(response) == {}
