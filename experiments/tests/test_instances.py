"""Instances that a statement's JSON tells are those that the ORM would have read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from pytest_django import DjangoAssertNumQueries

from experiments import services
from experiments.conditions import Condition, Operator
from experiments.goal_drafts import GoalDraft
from experiments.goals import insert_goal
from experiments.lifecycle import Transition
from experiments.models import ApiToken, Experiment, Goal, Page, Phase, Plan, Variant
from experiments.plans import PlanDraft, start_experiment
from experiments.selectors import experiment_by_id
from experiments.tests.factories import CONTENT, ExperimentFactory, make_editor
from experiments.tokens import create_token, token_for

pytestmark = pytest.mark.django_db

PLAN = PlanDraft(baseline_rate=0.1, minimum_lift=1 / 3, power=0.8, visitors_per_variant=2**53 + 1)
MOMENT = datetime(2026, 3, 29, 1, 30, 0, 120_000, UTC)
DEEP = GoalDraft(
    "Deep",
    event_types=("scroll_depth", "click"),
    conditions=(Condition("depth", Operator.AT_LEAST, 75.5),),
)


@pytest.fixture
def experiment() -> Experiment:
    """One with all that an experiment can have: plan, goals, two phases, texts, a winner."""
    made: Experiment = ExperimentFactory.create(
        split=[30, 30, 40], content=CONTENT, name='“Q” \\ "é"\n🙂', through=[]
    )
    insert_goal(made, DEEP)
    start_experiment(experiment_id=made.id, plan=PLAN)
    services.update_experiment(experiment_id=made.id, traffic_split=[20, 30, 50])
    made.goals.filter(name="Deep").update(
        counted_since=MOMENT, missing_months=[date(2026, 1, 1), date(2026, 2, 1)]
    )
    Page.objects.filter(pk=made.page_id).update(content={"hero_headline": "Ours"})
    winner = made.variants.get(position=1)
    return services.transition_experiment(
        experiment_id=made.id, transition=Transition.COMPLETE, winner_id=winner.id
    )


def found(experiment: Experiment) -> Any:
    return experiment_by_id(experiment.id)


def values_of(instance: Model) -> dict[str, tuple[type, Any]]:
    """Return what stands in the instance's fields, and of which type it is."""
    values = {f.attname: getattr(instance, f.attname) for f in instance._meta.concrete_fields}
    return {name: (type(value), value) for name, value in values.items()}


def test_experiment_and_all_of_its_own_are_as_the_orm_reads_them(experiment: Experiment) -> None:
    one = found(experiment)
    pairs: list[tuple[Model, Model]] = [
        (one, Experiment.objects.get(pk=experiment.pk)),
        (one.page, Page.objects.get(pk=experiment.page_id)),
        (one.plan, Plan.objects.get(pk=experiment.pk)),
    ]
    for model, related in ((Variant, one.variants), (Goal, one.goals), (Phase, one.phases)):
        stored = model._default_manager.filter(experiment=experiment)
        pairs += zip(related.all(), stored, strict=True)
    assert len(pairs) == 3 + 3 + 2 + 2
    for told, read in pairs:
        assert values_of(told) == values_of(read)
        assert told == read
        assert not told._state.adding


def test_experiment_needs_no_further_query(
    experiment: Experiment, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        one = found(experiment)
        assert one.winner is one.variants.all()[1]
        assert one.page.name
        assert one.plan.experiment is one
        assert [goal.experiment for goal in one.goals.all()] == [one, one]
        assert [phase.number for phase in one.phases.all()] == [1, 2]


def test_filters_ask_the_database_for_the_experiments_own(experiment: Experiment) -> None:
    ExperimentFactory.create()
    one = found(experiment)
    assert one.variants.filter(position=0).count() == 1
    assert one.goals.get(name="Deep").conditions == list(one.goals.all())[1].conditions
    one.phases.filter(number=2).delete()
    one.refresh_from_db()
    assert [phase.number for phase in one.phases.all()] == [1]


def test_experiment_without_plan_winner_and_phase_says_so() -> None:
    one = found(ExperimentFactory.create(through=[]))
    with pytest.raises(ObjectDoesNotExist):
        _ = one.plan
    assert one.winner is None
    assert list(one.phases.all()) == []
    assert experiment_by_id(uuid4()) is None


def test_token_is_as_the_orm_reads_it() -> None:
    row, text = create_token(name="reports", created_by=make_editor())
    told = token_for(text)
    assert told is not None
    assert values_of(told) == values_of(ApiToken.objects.get(pk=row.pk))
