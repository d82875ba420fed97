"""Copies of experiments, and experiments that are put away."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments import copies, pages, plans, services
from experiments.goal_drafts import GoalDraft
from experiments.goals import insert_goal
from experiments.lifecycle import Status, Transition, TransitionForbidden
from experiments.models import Experiment, Page, Plan
from experiments.models.goal import Direction, GoalRole
from experiments.plans import PlanDraft
from experiments.services import Refused, VariantDraft
from experiments.tests.factories import CONTENT, ExperimentFactory, make_token
from experiments.writing import EditConflict

pytestmark = pytest.mark.django_db
PLAN = PlanDraft(0.2, 0.25, 0.8, visitors_per_variant=1094, visitors_per_day=100, days=28)
GUARD = GoalDraft(
    "Left early", GoalRole.GUARDRAIL, event_types=("cta_click",), harm=Direction.INCREASE
)


def rich() -> Experiment:
    """A completed experiment that has one of everything."""
    offers = Page.objects.create(slug="offers", name="Offers")
    experiment: Experiment = services.create_experiment(
        name="Evenings",
        description="Does it matter when?",
        hypothesis="If we say when,\nthen more sign up",
        page=offers,
        variants=[
            VariantDraft("Control", 30, description="As it is"),
            VariantDraft("Louder", 70, content=CONTENT),
        ],
    )
    insert_goal(experiment, GUARD)
    plans.start_experiment(experiment_id=experiment.id, plan=PLAN)
    louder = experiment.variants.get(position=1)
    return services.transition_experiment(
        experiment_id=experiment.id, transition=Transition.COMPLETE, winner_id=louder.id
    )


def test_copy_has_all_that_was_meant_and_nothing_that_came_of_it() -> None:
    source = rich()
    copy = copies.duplicate_experiment(experiment_id=source.id)
    copy.refresh_from_db()
    assert copy.id != source.id
    assert (copy.name, copy.status) == ("Copy of Evenings", Status.DRAFT)
    for field in ("description", "hypothesis", "page_id"):
        assert getattr(copy, field) == getattr(source, field)
    fields = ("position", "name", "description", "weight", "content")
    assert list(copy.variants.values(*fields)) == list(source.variants.values(*fields))
    goal_fields = ("position", "name", "role", "measure", "event_types", "conditions", "harm")
    assert list(copy.goals.values(*goal_fields)) == list(source.goals.values(*goal_fields))
    assert (copy.winner_id, copy.started_at, copy.completed_at, copy.decision) == (
        None,
        None,
        None,
        "",
    )
    assert not copy.phases.exists()


def test_copy_of_a_plan_is_for_the_copys_own_goal_and_not_frozen() -> None:
    source = rich()
    copy = copies.duplicate_experiment(experiment_id=source.id)
    plan = Plan.objects.get(experiment=copy)
    assert plan.frozen_at is None
    assert plan.goal == copy.goals.get(role=GoalRole.PRIMARY)
    assert (plan.baseline_rate, plan.minimum_lift, plan.power) == (0.2, 0.25, 0.8)
    assert (plan.visitors_per_variant, plan.visitors_per_day, plan.days) == (1094, 100, 28)


def test_copy_leaves_its_original_alone_and_can_start_with_its_plan() -> None:
    source = rich()
    before = (source.version, list(source.variants.values()), list(source.goals.values()))
    copy = copies.duplicate_experiment(experiment_id=source.id)
    services.transition_experiment(experiment_id=copy.id, transition=Transition.START)
    assert Plan.objects.get(experiment=copy).frozen_at is not None
    source.refresh_from_db()
    assert before == (source.version, list(source.variants.values()), list(source.goals.values()))


def test_copy_of_a_long_name_fits_and_of_a_text_without_a_place_leaves_it_out() -> None:
    source = ExperimentFactory.create(name="A" * 200, through=[])
    source.variants.filter(position=1).update(content={"gone": "x", "hero_badge": "kept"})
    copy = copies.duplicate_experiment(experiment_id=source.id)
    assert copy.name == ("Copy of " + "A" * 200)[:200]
    assert copy.variants.get(position=1).content == {"hero_badge": "kept"}


@pytest.mark.parametrize("through", [[], ["start", "complete"]])
def test_archived_experiment_comes_back(through: list[str]) -> None:
    experiment = ExperimentFactory.create(through=through)
    archived = copies.archive_experiment(experiment_id=experiment.id, version=experiment.version)
    assert archived.archived_at is not None
    again = copies.archive_experiment(experiment_id=experiment.id)
    assert (again.archived_at, again.version) == (archived.archived_at, archived.version)
    restored = copies.restore_experiment(experiment_id=experiment.id)
    assert (restored.archived_at, restored.status) == (None, experiment.status)


@pytest.mark.parametrize("through", [["start"], ["start", "pause"]])
def test_running_experiment_is_not_archived(through: list[str]) -> None:
    experiment = ExperimentFactory.create(name="Evenings", through=through)
    with pytest.raises(Refused, match="Complete it first"):
        copies.archive_experiment(experiment_id=experiment.id)


def test_archiving_what_somebody_changed_meanwhile_is_refused() -> None:
    experiment = ExperimentFactory.create(through=[])
    with pytest.raises(EditConflict):
        copies.archive_experiment(experiment_id=experiment.id, version=experiment.version - 1)


def test_start_takes_a_draft_out_of_the_archive() -> None:
    experiment = ExperimentFactory.create(through=[])
    copies.archive_experiment(experiment_id=experiment.id)
    _, token = make_token()
    response: Any = Client().patch(
        f"/api/experiments/{experiment.id}",
        {"status": "active"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status_code == 200
    experiment.refresh_from_db()
    assert (experiment.status, experiment.archived_at) == (Status.ACTIVE, None)


def test_archived_completed_experiment_stays_completed_to_whoever_starts_it() -> None:
    experiment = ExperimentFactory.create(through=["start", "complete"])
    copies.archive_experiment(experiment_id=experiment.id)
    with pytest.raises(TransitionForbidden):
        services.transition_experiment(experiment_id=experiment.id, transition=Transition.START)
    experiment.refresh_from_db()
    assert experiment.archived_at is not None


def test_copy_needs_as_many_queries_for_ten_variants_as_for_two() -> None:
    def queries(split: list[int]) -> int:
        source = ExperimentFactory.create(through=[], split=split)
        with CaptureQueriesContext(connection) as captured:
            copies.duplicate_experiment(experiment_id=source.id)
        inserts = sum('INSERT INTO "experiments_variant"' in q["sql"] for q in captured)
        return len(captured) - inserts

    assert queries([10] * 10) == queries([50, 50])


def test_page_of_a_draft_changes_and_of_a_started_experiment_does_not() -> None:
    offers = Page.objects.create(slug="offers", name="Offers")
    draft, running = ExperimentFactory.create(through=[]), ExperimentFactory.create()
    services.update_experiment(experiment_id=draft.id, page=offers)
    draft.refresh_from_db()
    assert draft.page == offers
    services.update_experiment(experiment_id=running.id, page=pages.home_page())
    with pytest.raises(Refused, match="Its page was settled when the experiment started"):
        services.update_experiment(experiment_id=running.id, page=offers)
