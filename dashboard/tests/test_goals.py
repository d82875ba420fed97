"""Goals in the dashboard: made and changed in a draft, added and renamed later."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.forms.goals import text_of, value_of
from dashboard.tests.browser import messages_in, path_of
from experiments.goal_drafts import GoalDraft
from experiments.models import Experiment, Goal
from experiments.tests.factories import ExperimentFactory
from metrics.goals import add_goal

pytestmark = pytest.mark.django_db


def sent(*conditions: tuple[str, str, str], **changes: Any) -> dict[str, Any]:
    """Return what the form would send."""
    data: dict[str, Any] = {
        "name": "Read to the end",
        "role": "secondary",
        "event_types": ["scroll_depth"],
        "measure": "conversion",
        "conditions-TOTAL_FORMS": len(conditions),
        "conditions-INITIAL_FORMS": 0,
    }
    for index, (key, operator, value) in enumerate(conditions):
        row = {"key": key, "operator": operator, "value": value}
        data |= {f"conditions-{index}-{name}": text for name, text in row.items()}
    return data | changes


def draft() -> Experiment:
    experiment: Experiment = ExperimentFactory.create(through=[])
    return experiment


def test_goal_with_a_condition_is_made_and_told_in_words(editor: Client) -> None:
    experiment = draft()
    response = editor.post(
        path_of("goal-create", experiment.id), sent(("depth", ">=", "75"), ("", "=", ""))
    )
    assert response["Location"] == path_of("goal-list", experiment.id)
    goal = experiment.goals.get(role="secondary")
    assert goal.conditions == [{"key": "depth", "operator": ">=", "value": 75}]
    page = editor.get(path_of("goal-list", experiment.id)).content.decode()
    assert "reached by “Scroll depths” where depth is at least 75." in page
    assert "Sign-up or CTA click" in page


def test_goal_that_cannot_be_says_what_is_wrong_beside_the_field(editor: Client) -> None:
    experiment = draft()
    wrong = sent(name="", event_types=[], role="guardrail")
    page: Any = editor.post(path_of("goal-create", experiment.id), wrong)
    assert page.status_code == 422
    assert "Choose at least one event type that reaches the goal." in page.content.decode()
    page = editor.post(path_of("goal-create", experiment.id), sent(role="guardrail"))
    assert "Say which way is harm" in page.content.decode()
    page = editor.post(path_of("goal-create", experiment.id), sent(("depth", ">=", "deep")))
    assert "compares numbers" in page.content.decode()
    assert 'value="deep"' in page.content.decode()
    assert experiment.goals.count() == 1


def test_drafts_goal_is_changed_and_removed(editor: Client) -> None:
    experiment = draft()
    goal = add_goal(experiment_id=experiment.id, draft=GoalDraft("Clicked", event_types=("click",)))
    path = path_of("goal-edit", experiment.id, goal.id)
    assert 'value="Clicked"' in editor.get(path).content.decode()
    editor.post(path, sent(name="Clicked twice", event_types=["click", "cta_click"]))
    goal.refresh_from_db()
    assert (goal.name, goal.event_types) == ("Clicked twice", ["click", "cta_click"])
    editor.post(path_of("goal-remove", experiment.id, goal.id))
    assert experiment.goals.count() == 1
    primary = experiment.goals.get()
    response = editor.post(path_of("goal-remove", experiment.id, primary.id))
    assert messages_in(response)[-1].startswith("An experiment needs its primary goal.")


def test_started_experiments_goal_is_renamed_only(editor: Client) -> None:
    experiment = ExperimentFactory.create()
    goal = experiment.goals.get()
    path = path_of("goal-edit", experiment.id, goal.id)
    page = editor.get(path).content.decode()
    assert "It counts already" in page
    assert "event_types" not in page
    editor.post(path, {"name": "Signed up"})
    goal.refresh_from_db()
    assert goal.name == "Signed up"
    assert editor.post(path, {"name": ""}).status_code == 422


def test_goal_added_to_a_running_experiment_counts_from_now_and_says_so(editor: Client) -> None:
    experiment = ExperimentFactory.create()
    editor.post(path_of("goal-create", experiment.id), sent(("depth", ">=", "75")))
    assert Goal.objects.get(role="secondary").backfilled_at is not None
    refused: Any = editor.post(
        path_of("goal-create", experiment.id), sent(name="Late", role="primary")
    )
    assert "settled when the experiment began" in refused.content.decode()


def test_goal_of_another_experiment_is_not_found(editor: Client) -> None:
    other = draft().goals.get()
    for name in ("goal-edit", "goal-remove"):
        path = path_of(name, draft().id, other.id)
        assert editor.post(path, {"name": "Mine"}).status_code == 404


def test_guardrail_is_chosen_with_the_plan_and_starts_with_it(editor: Client) -> None:
    experiment = draft()
    goal = add_goal(experiment_id=experiment.id, draft=GoalDraft("Clicked", event_types=("click",)))
    experiment.refresh_from_db()
    path = path_of("experiment-plan", experiment.id)
    assert "must not fall" in editor.get(path).content.decode()
    typed = {"baseline_rate": "20", "minimum_lift": "25", "power": "0.8"}
    response = editor.post(
        path,
        {**typed, "version": experiment.version, f"harm-{goal.id}": "increase", "start": "1"},
    )
    assert response.status_code == 302
    goal.refresh_from_db()
    assert (goal.role, goal.harm) == ("guardrail", "increase")
    experiment.refresh_from_db()
    assert experiment.status == "active"


@pytest.mark.parametrize(
    ("typed", "value"),
    [("75", 75), ("7.5", 7.5), ("true", True), ('"75"', "75"), ("blue", "blue"), ("[1]", "[1]")],
)
def test_typed_value_is_a_number_a_truth_or_a_text_and_shown_as_typed(
    typed: str, value: object
) -> None:
    assert value_of(typed) == value
    assert type(value_of(typed)) is type(value)
    assert value_of(text_of(value)) == value
