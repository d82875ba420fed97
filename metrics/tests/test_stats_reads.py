"""What the API's statistics cost, and that they are exact and of this moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from experiments import services
from experiments.event_types import EventType
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory, make_token
from experiments.tokens import revoke_token
from metrics import counts
from metrics.goals import add_goal
from metrics.models import DailyCount
from metrics.phase_counts import counts_by_place
from metrics.tests.brute_force import GOALS
from metrics.tests.counted import count_visitors
from metrics.tests.factories import assigned_visitor, event_of, record_one
from metrics.tests.verdicts import case


def ask(experiment: Experiment, token: str) -> Any:
    return Client().get(
        f"/api/stats?experimentId={experiment.id}",
        headers={"Authorization": f"Bearer {token}"},
    )


def arrive(experiment: Experiment) -> None:
    event = event_of(experiment, *assigned_visitor(experiment), EventType.PAGE_VIEW)
    assert record_one(event).reason is None


def elsewhere(act: Callable[[], object]) -> None:
    """Do something on another connection, committed when this returns."""

    def committed() -> None:
        act()
        connection.close()

    with ThreadPoolExecutor(1) as other:
        other.submit(committed).result()


@pytest.mark.django_db
def test_stats_need_the_same_few_queries_however_much_there_is() -> None:
    _, token = make_token()

    def queries(experiment: Experiment) -> int:
        ask(experiment, token)  # Takes the planned look where that is due.
        with CaptureQueriesContext(connection) as captured:
            assert ask(experiment, token).status_code == 200
        return len(captured)

    # Token; the experiment with all of its own; counts; looks.
    assert [queries(case(name)) for name in ("winner", "without_plan", "too_few_days")] == [4] * 3
    large = ExperimentFactory.create(split=[10] * 10)
    services.update_experiment(experiment_id=large.id, traffic_split=[19, *[9] * 9])
    for phase in (1, 2):
        for days_ago in range(9):
            count_visitors(large, *[(200, 20)] * 10, days_ago=days_ago, phase=phase)
    assert queries(large) == 4
    for draft in GOALS:
        add_goal(experiment_id=large.id, draft=draft)
    # And sums, where a goal has them.
    assert queries(large) == 5
    # A draft has no phase to judge.
    assert queries(ExperimentFactory.create(through=[])) == 3


@pytest.mark.django_db
def test_one_read_tells_all_phases_and_each_process_own_rows_apart() -> None:
    experiment, other = ExperimentFactory.create_batch(2)
    services.update_experiment(experiment_id=experiment.id, traffic_split=[30, 70])
    for phase, days_ago, arms in (
        (1, 5, [(7, 1), (9, 3)]),
        (2, 2, [(20, 4), (30, 6)]),
        (2, 0, [(5, 5), (0, 0)]),
    ):
        count_visitors(experiment, *arms, days_ago=days_ago, phase=phase)
    count_visitors(other, (1000, 1), (1000, 1))
    today = timezone.now().date()
    # What another process counted on a day that has rows already.
    DailyCount.objects.filter(experiment=experiment, day=today - timedelta(days=2)).update(slot=3)
    count_visitors(experiment, (2, 1), (1, 0), days_ago=2, phase=2)
    found = counts_by_place([(experiment.id, 2), (other.id, 9)])
    control, treatment = (variant.id for variant in experiment.variants.all())
    assert found[experiment.id].visitors_by_day == {
        today - timedelta(days=2): {control: 22, treatment: 31},
        today: {control: 5, treatment: 0},
    }
    assert found[experiment.id].totals[control]["conversion"] == (10, 10)
    assert found[experiment.id].totals[treatment]["exposure"] == (31, 31)
    for one in (experiment, other):
        assert found[one.id].of_all_phases == counts.totals_for(one.id)
    # No phase 9: nothing in it, and no days.
    assert found[other.id].visitors_by_day == {}
    assert {t for kinds in found[other.id].totals.values() for t in kinds.values()} == {(0, 0)}


@pytest.mark.django_db(transaction=True)
def test_stats_tell_what_was_committed_a_moment_ago() -> None:
    row, token = make_token()
    experiment = ExperimentFactory.create(split=[100, 0])
    # So that the server's connection has all of its statements prepared, and has answered before.
    for visitors in range(8):
        body = ask(experiment, token).json()
        assert (body["totalVisitors"], body["variants"][0]["phaseVisitors"]) == (visitors, visitors)
        elsewhere(lambda: arrive(experiment))
    elsewhere(
        lambda: services.update_experiment(
            experiment_id=experiment.id, name="Another", traffic_split=[40, 60]
        )
    )
    body = ask(experiment, token).json()
    assert (body["experimentName"], body["phase"], body["totalVisitors"]) == ("Another", 2, 8)
    assert [variant["phaseVisitors"] for variant in body["variants"]] == [0, 0]
    assert body["srm"]["observed"] == [0, 0]
    elsewhere(lambda: revoke_token(token_id=row.id))
    assert ask(experiment, token).status_code == 401
