"""Goals: what can be said of them, and when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from experiments import goals as services
from experiments.conditions import Condition, Operator
from experiments.goal_drafts import DEFAULT_DRAFT, GoalDraft, draft_of, goal_problems
from experiments.goals import (
    InvalidGoal,
    copy_goals,
    insert_goal,
    remove_goal,
    rename_goal,
    update_goal,
)
from experiments.lifecycle import Transition
from experiments.models import Experiment, Goal, Plan
from experiments.services import (
    EditConflict,
    Refused,
    transition_experiment,
    update_experiment,
)
from experiments.tests.factories import ExperimentFactory

pytestmark = pytest.mark.django_db

DEEP = GoalDraft(
    "Read on",
    event_types=("scroll_depth",),
    conditions=(Condition("depth", Operator.AT_LEAST, 75),),
)
REVENUE = GoalDraft("Revenue", event_types=("click",), measure="sum", value_key="price")
BOUNCES = GoalDraft("Clicks away", role="guardrail", event_types=("click",), harm="increase")


def draft_experiment(*drafts: GoalDraft) -> Experiment:
    experiment: Experiment = ExperimentFactory.create(through=[])
    for draft in drafts:
        insert_goal(experiment, draft)
    return experiment


def goal_named(experiment: Experiment, name: str) -> Goal:
    return experiment.goals.get(name=name)


def names(experiment: Experiment) -> list[str]:
    return [goal.name for goal in experiment.goals.all()]


def test_experiment_begins_with_the_conversion_as_its_primary_goal() -> None:
    [goal] = draft_experiment().goals.all()
    assert (goal.role, goal.kind, goal.name) == ("primary", "conversion", "Sign-up or CTA click")
    assert draft_of(goal) == DEFAULT_DRAFT


def test_goal_is_kept_as_it_was_given() -> None:
    experiment = draft_experiment(DEEP, REVENUE, BOUNCES)
    kept = [draft_of(goal) for goal in experiment.goals.all()]
    assert kept == [DEFAULT_DRAFT, DEEP, REVENUE, BOUNCES]
    assert [goal.position for goal in experiment.goals.all()] == [0, 1, 2, 3]


def test_goal_of_one_event_type_is_counted_under_it() -> None:
    experiment = draft_experiment(BOUNCES, DEEP)
    assert goal_named(experiment, BOUNCES.name).kind == "click"
    deep = goal_named(experiment, DEEP.name)
    assert deep.kind == f"goal:{deep.id.hex}"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": " "}, "name", "Give the goal a name"),
        ({"name": "n" * 101}, "name", "has at most 100 characters; this has 101"),
        ({"name": "sign-up OR CTA click "}, "name", "Another goal of this experiment is called"),
        ({"name": "a\x00"}, "name", "can't hold such a character"),
        ({"role": "main"}, "role", "role is one of primary, secondary, guardrail"),
        ({"event_types": ()}, "event_types", "at least one event type"),
        ({"event_types": ("purchase",)}, "event_types", "Event types are page_view"),
        (
            {"event_types": ("form_submit", "cta_click"), "conditions": ()},
            "event_types",
            "“Sign-up or CTA click” is reached by the very same events",
        ),
        ({"conditions": (Condition("", Operator.EXISTS),)}, "conditions", "Name a metadata key"),
        (
            {"conditions": (Condition("k" * 65, Operator.EXISTS),)},
            "conditions",
            "at most 64 characters; this has 65",
        ),
        (
            {"conditions": (Condition("depth", Operator.MORE, "75"),)},
            "conditions",
            "compares numbers",
        ),
        ({"conditions": (Condition("u", Operator.CONTAINS, 1),)}, "conditions", "looks for a text"),
        ({"conditions": (Condition("u", Operator.EQUAL),)}, "conditions", "needs a text, a number"),
        (
            {"conditions": (Condition("u", Operator.EQUAL, float("inf")),)},
            "conditions",
            "takes numbers up to",
        ),
        ({"conditions": (Condition("u", Operator.EXISTS, 1),)}, "conditions", "give none"),
        (
            {"conditions": (Condition("u", Operator.EXISTS),) * 6},
            "conditions",
            "at most 5 conditions",
        ),
        ({"measure": "sum"}, "value_key", "Name a metadata key"),
        ({"measure": "median"}, "value_key", "measures one of"),
        ({"value_key": "price"}, "value_key", "Only a sum"),
        ({"role": "guardrail"}, "harm", "Say which way is harm"),
        ({"harm": "increase"}, "harm", "Only a guardrail"),
        ({"role": "primary", "measure": "sum", "value_key": "p"}, "role", "a share of visitors"),
        (
            {"role": "guardrail", "harm": "increase", "measure": "sum", "value_key": "p"},
            "role",
            "A guardrail is a share",
        ),
    ],
)
def test_goal_that_cannot_be_is_refused_in_sentences(
    changes: dict[str, Any], field: str, sentence: str
) -> None:
    experiment = draft_experiment()
    with pytest.raises(InvalidGoal, match=sentence) as refused:
        insert_goal(experiment, replace(DEEP, **changes))
    assert list(refused.value.problems) == [field]
    assert names(experiment) == [DEFAULT_DRAFT.name]


def test_sound_goal_has_no_problems() -> None:
    assert [goal_problems(draft) for draft in (DEFAULT_DRAFT, DEEP, REVENUE, BOUNCES)] == [{}] * 4


def test_experiment_has_ten_goals_at_most() -> None:
    experiment = draft_experiment(
        *(
            GoalDraft(f"Deep {n}", event_types=("click",), conditions=DEEP.conditions)
            for n in range(9)
        )
    )
    with pytest.raises(Refused, match="at most 10 goals"):
        insert_goal(experiment, DEEP)


def test_another_goal_made_primary_takes_the_formers_place_and_plan() -> None:
    experiment = draft_experiment(DEEP)
    former = experiment.goals.get(role="primary")
    Plan.objects.create(
        experiment=experiment,
        goal=former,
        baseline_rate=0.1,
        minimum_lift=0.1,
        visitors_per_variant=100,
    )
    goal = goal_named(experiment, "Read on")
    update_goal(goal_id=goal.id, draft=replace(DEEP, role="primary"))
    assert {g.name: g.role for g in experiment.goals.all()} == {
        "Sign-up or CTA click": "secondary",
        "Read on": "primary",
    }
    assert not Plan.objects.exists()
    remove_goal(goal_id=former.id)
    assert [(g.name, g.position) for g in experiment.goals.all()] == [("Read on", 0)]


def test_primary_goal_cannot_go() -> None:
    experiment = draft_experiment(DEEP)
    primary = experiment.goals.get(role="primary")
    with pytest.raises(Refused, match="needs its primary goal"):
        remove_goal(goal_id=primary.id)
    with pytest.raises(InvalidGoal, match="needs its primary goal"):
        update_goal(goal_id=primary.id, draft=replace(DEFAULT_DRAFT, role="secondary"))


def test_primary_goal_of_a_draft_can_be_redefined() -> None:
    experiment = draft_experiment()
    [goal] = experiment.goals.all()
    changed = update_goal(goal_id=goal.id, draft=replace(DEFAULT_DRAFT, conditions=DEEP.conditions))
    assert changed.kind == f"goal:{goal.id.hex}"
    assert update_goal(goal_id=goal.id, draft=DEFAULT_DRAFT).kind == "conversion"


@pytest.mark.parametrize("through", [["start"], ["start", "pause"], ["start", "complete"]])
def test_goal_of_a_started_experiment_can_only_be_renamed(through: list[str]) -> None:
    experiment = draft_experiment(DEEP)
    goal = goal_named(experiment, "Read on")
    for step in through:
        transition_experiment(experiment_id=experiment.id, transition=Transition(step))
    changes: list[dict[str, Any]] = [
        {"conditions": ()},
        {"event_types": ("click",)},
        {"role": "guardrail", "harm": "decrease"},
        {"role": "primary"},
    ]
    for change in changes:
        with pytest.raises(Refused, match="counts already: only its name can change"):
            update_goal(goal_id=goal.id, draft=replace(DEEP, **change))
    with pytest.raises(Refused, match="only while the experiment is a draft"):
        remove_goal(goal_id=goal.id)
    update_goal(goal_id=goal.id, draft=replace(DEEP, name="Read to the end"))
    rename_goal(goal_id=goal.id, name=" Read most of it ")
    assert draft_of(Goal.objects.get(pk=goal.id)) == replace(DEEP, name="Read most of it")
    with pytest.raises(InvalidGoal, match="Another goal"):
        rename_goal(goal_id=goal.id, name="Sign-up or CTA click")


def test_editor_with_an_old_version_is_told() -> None:
    experiment = draft_experiment(DEEP)
    goal, version = goal_named(experiment, "Read on"), experiment.version
    update_experiment(experiment_id=experiment.id, name="Theirs")
    with pytest.raises(EditConflict):
        update_goal(goal_id=goal.id, draft=DEEP, version=version)
    services.rename_goal(goal_id=goal.id, name="Mine")
    assert Experiment.objects.get(pk=experiment.pk).version == version + 2


def test_copied_goals_are_the_same_under_kinds_of_their_own() -> None:
    source, target = draft_experiment(DEEP, REVENUE, BOUNCES), draft_experiment()
    with transaction.atomic():
        copy_goals(source=source, target=target)
    copies, originals = list(target.goals.all()), list(source.goals.all())
    assert [draft_of(goal) for goal in copies] == [draft_of(goal) for goal in originals]
    kinds = {goal.kind for goal in copies} & {goal.kind for goal in originals}
    assert kinds == {"conversion", "click"}
