"""Results by phase: visitors count where they were assigned, goals in their own figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import mean, variance
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from experiments.event_types import EventType
from experiments.goals import insert_goal
from experiments.lifecycle import Transition
from experiments.models import Experiment, Phase
from experiments.selectors import experiment_by_id, experiments_newest_first
from experiments.services import VariantDraft, transition_experiment, update_experiment
from experiments.tests.factories import ExperimentFactory
from metrics.models import DailyCount
from metrics.phase_counts import Sums
from metrics.phase_results import current_results_for, phase_results_for, sample_of
from metrics.phase_series import series_for
from metrics.results import results_for
from metrics.stats.types import Arm, Sample
from metrics.tests.brute_force import GOALS
from metrics.tests.factories import assigned_visitor, event_of, record_one

pytestmark = pytest.mark.django_db


def experiment_with_goals(split: list[int]) -> Experiment:
    experiment: Experiment = ExperimentFactory.create(split=split, through=[])
    for draft in GOALS:
        insert_goal(experiment, draft)
    transition_experiment(experiment_id=experiment.id, transition=Transition.START)
    return experiment


def act(
    experiment: Experiment, who: tuple[str, str], event_type: EventType, **metadata: Any
) -> None:
    told = json.dumps(metadata)
    assert record_one(event_of(experiment, *who, event_type, metadata=told)).reason is None


def arms(results: Any, name: str) -> list[tuple[int, int]]:
    [found] = [result for result in results.goals if result.goal.name == name]
    return [(arm.visitors, arm.conversions) for arm in found.arms]


def test_visitors_count_in_the_phase_in_which_they_were_assigned() -> None:
    experiment = experiment_with_goals([100, 0])
    old = assigned_visitor(experiment)
    act(experiment, old, EventType.PAGE_VIEW)
    update_experiment(experiment_id=experiment.id, traffic_split=[0, 100])
    new = assigned_visitor(experiment)
    act(experiment, new, EventType.PAGE_VIEW)
    # The returning visitor converts while the second phase is under way.
    act(experiment, old, EventType.CTA_CLICK)
    experiment = Experiment.objects.get(pk=experiment.pk)
    first, second = (phase_results_for(experiment, phase=n) for n in (1, 2))
    assert arms(first, "Sign-up or CTA click") == [(1, 1), (0, 0)]
    assert arms(second, "Sign-up or CTA click") == [(0, 0), (1, 0)]
    assert phase_results_for(experiment).number == second.number == 2
    assert (first.weights, second.weights) == ((100, 0), (0, 100))
    # What the API has always said: all phases together.
    assert [v.arm for v in results_for(experiment).variants] == [Arm(1, 1), Arm(1, 0)]
    with pytest.raises(Phase.DoesNotExist, match="no phase 3"):
        phase_results_for(experiment, phase=3)


def test_goals_are_read_each_under_its_own_figures() -> None:
    experiment = experiment_with_goals([100, 0])
    reader, buyer = assigned_visitor(experiment), assigned_visitor(experiment)
    act(experiment, reader, EventType.SCROLL_DEPTH, depth=75)
    act(experiment, buyer, EventType.SCROLL_DEPTH, depth=50)
    act(experiment, buyer, EventType.FORM_SUBMIT, plan="pro", price=19.99)
    act(experiment, buyer, EventType.CLICK, plan="pro-free", price=0.01)
    act(experiment, reader, EventType.CLICK, plan="?", price="much")
    results = phase_results_for(experiment)
    assert arms(results, "Read on") == [(2, 1), (0, 0)]
    assert arms(results, "Pro") == [(2, 1), (0, 0)]
    revenue = next(result for result in results.goals if result.goal.name == "Revenue")
    assert [float(total) for total in revenue.totals or ()] == [20.0, 0.0]
    assert revenue.samples == (Sample(2, 10.0, variance([20.0, 0.0])), Sample(0, 0, 0))
    assert revenue.left_out == 1
    assert [r.goal.name for r in (results.primary, *results.guardrails)] == [
        "Sign-up or CTA click",
        "Pro",
    ]
    assert [r.goal.name for r in results.secondary] == ["Read on", "Revenue", "Depth"]


def test_sample_of_exact_sums_is_the_one_of_the_values() -> None:
    values = [Decimal("0.1"), Decimal("0.2"), Decimal(10) ** 12, Decimal(0)]
    sums = Sums(sum(values, Decimal()), sum((v * v for v in values), Decimal()))
    sample = sample_of(4, sums)
    assert sample.mean == float(mean(values))
    assert sample.variance == pytest.approx(float(variance(values)), rel=1e-15)
    assert sample_of(0, Sums(Decimal(), Decimal())) == Sample(0, 0, 0)
    assert sample_of(1, Sums(Decimal(5), Decimal(25))) == Sample(1, 5, 0)


def test_draft_has_goals_weights_and_no_phase() -> None:
    experiment = ExperimentFactory.create(split=[60, 40], through=[])
    results = phase_results_for(experiment)
    assert (results.phase, results.number, results.full_days) == (None, 1, 0)
    assert results.weights == (60, 40)
    assert arms(results, "Sign-up or CTA click") == [(0, 0), (0, 0)]


def test_variant_added_later_has_no_weight_in_the_phase_before() -> None:
    experiment = ExperimentFactory.create(split=[60, 40])
    drafts = [VariantDraft(id=v.id, name=v.name, weight=30) for v in experiment.variants.all()]
    update_experiment(
        experiment_id=experiment.id, variants=[*drafts, VariantDraft(name="new", weight=40)]
    )
    experiment = Experiment.objects.get(pk=experiment.pk)
    assert phase_results_for(experiment, phase=1).weights == (60, 40, 0)
    assert phase_results_for(experiment).weights == (30, 30, 40)


@pytest.mark.parametrize(
    ("age", "days"),
    [(timedelta(hours=23), 0), (timedelta(days=1), 1), (timedelta(days=8, hours=20), 8)],
)
def test_days_of_a_phase_are_full_days(age: timedelta, days: int) -> None:
    experiment = ExperimentFactory.create()
    began = timezone.now() - age
    experiment.phases.update(started_at=began)
    assert phase_results_for(experiment).full_days == days
    experiment.phases.update(ended_at=began + timedelta(days=3, hours=1))
    assert phase_results_for(Experiment.objects.get(pk=experiment.pk)).full_days == 3


# Its partition is missing at first; the failed attempt would end an enclosing transaction.
@pytest.mark.django_db(transaction=True)
def test_series_grows_to_the_totals_without_gaps() -> None:
    experiment = experiment_with_goals([100, 0])
    for day, event_type in ((1, "page_view"), (1, "cta_click"), (4, "page_view")):
        moment = datetime(2026, 3, day, 12, tzinfo=UTC)
        event = event_of(
            experiment, *assigned_visitor(experiment), EventType(event_type), moment=moment
        )
        assert record_one(event).reason is None
    experiment.phases.update(ended_at=datetime(2026, 3, 5, 1, tzinfo=UTC))
    results = phase_results_for(experiment)
    with CaptureQueriesContext(connection) as queries:
        primary, read_on = series_for(results, *(r.goal for r in results.goals[:2]))
    assert len(queries) == 1
    assert [day.day for day in primary.days] == [1, 2, 3, 4, 5]
    assert primary.visitors == ((2, 2, 2, 3, 3), (0, 0, 0, 0, 0))
    assert primary.conversions == ((1, 1, 1, 1, 1), (0, 0, 0, 0, 0))
    assert primary.arms(3) == (Arm(3, 1), Arm(0, 0))
    assert read_on.conversions == ((0,) * 5,) * 2
    assert [series.goal for series in series_for(results)] == [primary.goal]


@pytest.mark.parametrize("read", [phase_results_for, results_for])
def test_more_conversions_than_visitors_are_refused_with_the_numbers(
    read: Callable[[Experiment], object],
) -> None:
    experiment = ExperimentFactory.create(split=[100, 0])
    act(experiment, assigned_visitor(experiment), EventType.CTA_CLICK)
    DailyCount.objects.filter(kind="conversion").update(visitors=5)
    with pytest.raises(ValueError, match="5 conversions of 1 visitors cannot be"):
        read(experiment)


def test_results_take_as_many_queries_for_many_experiments_as_for_one() -> None:
    def queries_for(experiments: list[Experiment]) -> int:
        with CaptureQueriesContext(connection) as queries:
            current_results_for(experiments)
        return len(queries)

    experiment_with_goals([50, 50])
    alone = queries_for(list(experiments_newest_first()))
    for _ in range(4):
        more = experiment_with_goals([50, 50])
        update_experiment(experiment_id=more.id, traffic_split=[40, 60])
        ExperimentFactory.create(through=[])
    many = list(experiments_newest_first())
    assert queries_for(many) == alone == 4
    assert current_results_for([]) == {}
    [found] = [e for e in many if e.id == more.id]
    assert current_results_for(many)[more.id].weights == (40, 60)
    assert experiment_by_id(found.id) is not None
