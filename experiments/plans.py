"""Writes to plans: made while an experiment is a draft, frozen with its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments import services, store
from experiments.goal_drafts import draft_of
from experiments.goals import update_goal
from experiments.lifecycle import Status, Transition
from experiments.models import Experiment, Plan
from experiments.models.goal import GoalRole
from experiments.writing import locked_experiment, require_draft


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan as it is to be kept. Rates, alpha and power are shares of 1, the lift is relative."""

    baseline_rate: float
    minimum_lift: float
    power: float
    visitors_per_variant: int
    visitors_per_day: float | None = None
    days: int | None = None
    alpha: float = 0.05


@transaction.atomic
def save_plan(*, experiment_id: UUID, plan: PlanDraft) -> Plan:
    """Keep a plan for a draft, in place of the one that it has. Raises Refused once started."""
    experiment = locked_experiment(experiment_id)
    require_draft(
        experiment,
        _(
            "The plan was frozen when the experiment started. A plan made after seeing results "
            "would promise nothing."
        ),
    )
    goal = experiment.goals.get(role=GoalRole.PRIMARY)
    saved, _is_new = Plan.objects.update_or_create(
        experiment=experiment,
        defaults={"goal": goal, "created_at": timezone.now(), **asdict(plan)},
    )
    return saved


@transaction.atomic
def guard_goals(
    *, experiment_id: UUID, harms: Mapping[UUID, str], version: int | None = None
) -> None:
    """Make guardrails of a draft's goals, by which way is harm; "" makes a secondary goal of one.

    Raises EditConflict, Refused and InvalidGoal. Goals that aren't named stay as they are.
    """
    experiment = locked_experiment(experiment_id, version)
    for goal in experiment.goals.exclude(role=GoalRole.PRIMARY):
        harm = harms.get(goal.id, goal.harm)
        if harm != goal.harm:
            role = GoalRole.GUARDRAIL if harm else GoalRole.SECONDARY
            update_goal(goal_id=goal.id, draft=replace(draft_of(goal), role=role, harm=harm))


@transaction.atomic
def start_experiment(
    *, experiment_id: UUID, plan: PlanDraft | None, version: int | None = None
) -> Experiment:
    """Start with a plan, which is frozen by it, or without one. All of it happens, or none.

    Raises like services.transition_experiment.
    """
    store.lock_configuration()
    if plan is None:
        Plan.objects.filter(experiment=experiment_id, frozen_at__isnull=True).delete()
    elif Experiment.objects.get(pk=experiment_id).status == Status.DRAFT:
        save_plan(experiment_id=experiment_id, plan=plan)
    return services.transition_experiment(
        experiment_id=experiment_id, transition=Transition.START, version=version
    )
