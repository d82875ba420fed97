"""Beside each guardrail stands what the verdict makes of it."""

from __future__ import annotations

import pytest

from dashboard.goal_rows import goal_rows
from experiments import plans
from experiments.goal_drafts import GoalDraft
from experiments.tests.factories import ExperimentFactory
from metrics.goals import add_goal
from metrics.models import DailyCount
from metrics.stats.types import Kind
from metrics.tests.counted import age, count_visitors
from metrics.tests.verdicts import judged
from metrics.verdicts import Judgement

pytestmark = pytest.mark.django_db


def guarded(control: tuple[int, int], treatment: tuple[int, int], clicks: int) -> Judgement:
    """Judge an experiment with a guardrail that so many of the treatment's visitors trip."""
    experiment = ExperimentFactory.create(through=[])
    draft = GoalDraft("Clicked away", "guardrail", ("click",), harm="increase")
    goal = add_goal(experiment_id=experiment.id, draft=draft)
    plans.start_experiment(experiment_id=experiment.id, plan=None)
    age(experiment, 2)
    count_visitors(experiment, control, treatment, others={goal.kind: 100})
    rows = DailyCount.objects.filter(kind=goal.kind, variant__position=1)
    rows.update(events=clicks, visitors=clicks)
    return judged(experiment)


def test_guardrail_is_called_worse_where_the_verdict_is_harm() -> None:
    judgement = guarded((1000, 100), (1000, 100), clicks=300)
    [row] = goal_rows(judgement)
    assert judgement.verdict.kind is Kind.HARM
    assert row.is_worse
    assert row.cells[1].effect == judgement.verdict.effect


@pytest.mark.parametrize(
    ("control", "treatment", "kind"),
    [((1000, 100), (600, 100), Kind.DATA_PROBLEM), ((600, 9), (600, 100), Kind.COLLECTING)],
)
def test_guardrail_is_called_nothing_where_lifts_are_withheld(
    control: tuple[int, int], treatment: tuple[int, int], kind: Kind
) -> None:
    judgement = guarded(control, treatment, clicks=500)
    assert judgement.verdict.kind is kind
    assert not goal_rows(judgement)[0].is_worse
