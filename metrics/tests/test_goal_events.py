"""What browsers send reaches goals: from the JSON of a call to the figures of the results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from experiments.conditions import Condition, Operator
from experiments.goal_drafts import GoalDraft
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from metrics import recount
from metrics.goals import add_goal
from metrics.ingest.payload import EMAIL_REMOVED, parse_batch
from metrics.ingest.record import record
from metrics.models import FirstOccurrence
from metrics.phase_results import GoalResult, phase_results_for
from metrics.tests.brute_force import brute_force, counted
from metrics.tests.factories import assigned_visitor

pytestmark = pytest.mark.django_db(transaction=True)


def send(experiment: Experiment, *metadata: Any, event_type: str = "click") -> None:
    """Send one visitor's events in one call, each with its metadata."""
    visitor, variant = assigned_visitor(experiment)
    events = [
        {
            "visitorId": visitor,
            "experimentId": str(experiment.id),
            "variantId": variant,
            "eventType": event_type,
            "metadata": fields,
        }
        for fields in metadata
    ]
    [written] = record([parse_batch(json.dumps({"events": events}).encode())])
    assert written.reason is None


def result_of(experiment: Experiment, name: str) -> GoalResult:
    return next(r for r in phase_results_for(experiment).goals if r.goal.name == name)


def experiment_with(*drafts: GoalDraft) -> Experiment:
    experiment: Experiment = ExperimentFactory.create(split=[100, 0])
    for draft in drafts:
        add_goal(experiment_id=experiment.id, draft=draft)
    return experiment


def test_conditions_see_metadata_as_they_are_kept() -> None:
    removed = Condition("who", Operator.EQUAL, EMAIL_REMOVED)
    experiment = experiment_with(GoalDraft("Said who", "secondary", ("click",), (removed,)))
    send(experiment, {"who": "someone@example.org"}, {"who": "nobody"})
    assert result_of(experiment, "Said who").arms[0].conversions == 1
    assert counted(experiment) == brute_force(experiment)


def test_numbers_of_one_call_are_added_up_exactly() -> None:
    revenue = GoalDraft("Revenue", event_types=("click",), measure="sum", value_key="price")
    experiment = experiment_with(revenue)
    send(experiment, *[{"price": 0.1}] * 10, {"price": 10**12}, {"price": -1}, {"price": "1"})
    send(experiment, {"price": 1e300}, {"price": 0.00000049}, {}, {"price": None})
    found = result_of(experiment, "Revenue")
    assert [str(total) for total in found.totals or ()] == ["1000000000000.000000", "0"]
    assert found.left_out == 2
    assert counted(experiment) == brute_force(experiment)
    assert recount.differences() == []


def test_goals_of_one_experiment_are_not_reached_in_another() -> None:
    mine = experiment_with(GoalDraft("Any", "secondary", ("click", "page_view")))
    other = experiment_with()
    send(mine, {})
    send(other, {})
    kinds = FirstOccurrence.objects.filter(experiment=other).values_list("kind", flat=True)
    assert sorted(kinds) == ["click", "exposure"]
    assert result_of(mine, "Any").arms[0].conversions == 1


def test_several_goals_and_sums_of_one_event_are_all_counted() -> None:
    sums = [
        GoalDraft(f"Sum of {key}", event_types=("click",), measure="sum", value_key=key)
        for key in ("a", "b")
    ]
    share = GoalDraft("Both", "secondary", ("click", "page_view"), ())
    experiment = experiment_with(*sums, share)
    send(experiment, {"a": 1, "b": 2.5}, {"a": 2, "b": -0.5})
    totals = {r.goal.name: r.totals and r.totals[0] for r in phase_results_for(experiment).goals}
    assert totals == {"Sign-up or CTA click": None, "Sum of a": 3, "Sum of b": 2, "Both": None}
    assert counted(experiment) == brute_force(experiment)
