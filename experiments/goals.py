"""Writes to goals. What reaches a goal can change until it counts; then only its name can.

metrics.goals.add_goal adds one to any experiment, and counts what came before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from experiments.goal_drafts import DEFAULT_DRAFT, GoalDraft, draft_of, goal_problems, kind_for
from experiments.lifecycle import Status
from experiments.models import Experiment, Goal, Plan
from experiments.models.goal import GoalRole
from experiments.writing import Refused, locked_experiment, require_draft, save_experiment

MAX_GOALS = 10


class InvalidGoal(Refused):
    """A goal that can't be; `problems` has the sentences for each field."""

    def __init__(self, problems: Mapping[str, Sequence[str]]) -> None:
        super().__init__(" ".join(told for field in problems.values() for told in field))
        self.problems = problems


def add_default_goal(experiment: Experiment) -> Goal:
    """Give an experiment the primary goal that needs no counting of its own."""
    return _insert(experiment, DEFAULT_DRAFT, [])


def insert_goal(experiment: Experiment, draft: GoalDraft) -> Goal:
    """Add a goal to an experiment that this transaction has locked; it isn't counted by this.

    Raises Refused and InvalidGoal.
    """
    goals = list(experiment.goals.all())
    if experiment.status == Status.COMPLETED:
        raise Refused(_("A completed experiment's goals are its record: none can be added."))
    if len(goals) >= MAX_GOALS:
        told = _("An experiment has at most %(most)s goals. Remove one first.")
        raise Refused(told % {"most": MAX_GOALS})
    _require_sound(draft, goals)
    if draft.role == GoalRole.PRIMARY:
        if experiment.status != Status.DRAFT:
            told = _("The primary goal was settled when the experiment began.")
            raise InvalidGoal({"role": [told]})
        _demote_primary(experiment)
    return _insert(experiment, draft, goals)


@transaction.atomic
def update_goal(*, goal_id: UUID, draft: GoalDraft, version: int | None = None) -> Goal:
    """Change a goal; `version` is the experiment's that the editor has read.

    Once the experiment has started, only the name can differ. Another goal made the primary one
    makes a secondary one of the former. Raises Goal.DoesNotExist, EditConflict, Refused and
    InvalidGoal.
    """
    experiment, goal = _locked_goal(goal_id, version)
    others = list(experiment.goals.exclude(pk=goal.pk))
    _require_sound(draft, others)
    was = draft_of(goal)
    if experiment.status != Status.DRAFT and _definition(was) != _definition(draft):
        raise Refused(
            _(
                "“%(name)s” counts already: only its name can change. Add another goal instead; it "
                "is counted from the raw events that still exist."
            )
            % {"name": goal.name}
        )
    if was.role == GoalRole.PRIMARY and draft.role != GoalRole.PRIMARY:
        told = _("An experiment needs its primary goal. Make another it.")
        raise InvalidGoal({"role": [told]})
    if was.role != draft.role == GoalRole.PRIMARY:
        _demote_primary(experiment)
    _write(goal, draft)
    goal.save()
    save_experiment(experiment)
    return goal


@transaction.atomic
def rename_goal(*, goal_id: UUID, name: str) -> Goal:
    """Call a goal something else, whatever the experiment's status. Raises like update_goal."""
    experiment, goal = _locked_goal(goal_id, None)
    draft = replace(draft_of(goal), name=name)
    problems = goal_problems(draft, experiment.goals.exclude(pk=goal.pk))
    if "name" in problems:
        raise InvalidGoal({"name": problems["name"]})
    goal.name = name.strip()
    goal.save()
    save_experiment(experiment)
    return goal


@transaction.atomic
def remove_goal(*, goal_id: UUID) -> None:
    """Remove a draft's secondary goal or guardrail. Raises Goal.DoesNotExist and Refused."""
    experiment, goal = _locked_goal(goal_id, None)
    require_draft(
        experiment, _("Goals can be removed only while the experiment is a draft: they count now.")
    )
    if goal.role == GoalRole.PRIMARY:
        told = _("An experiment needs its primary goal. Make another it, then remove this.")
        raise Refused(told)
    goal.delete()
    _number(list(experiment.goals.all()))
    save_experiment(experiment)


def copy_goals(*, source: Experiment, target: Experiment) -> None:
    """Give a draft the goals of another experiment in place of its own, as yet uncounted.

    Call it in the transaction that made the draft.
    """
    target.goals.all().delete()
    for goal in source.goals.all():
        _insert(target, draft_of(goal), list(target.goals.all()))


def _locked_goal(goal_id: UUID, version: int | None) -> tuple[Experiment, Goal]:
    # Read once more under the lock: it may have been removed, but never changes its experiment.
    experiment_id = Goal.objects.get(pk=goal_id).experiment_id
    experiment = locked_experiment(experiment_id, version)
    return experiment, experiment.goals.get(pk=goal_id)


def _require_sound(draft: GoalDraft, others: Sequence[Goal]) -> None:
    problems = goal_problems(draft, others)
    if problems:
        raise InvalidGoal(problems)


def _demote_primary(experiment: Experiment) -> None:
    # It was made for the former one.
    Plan.objects.filter(experiment=experiment, frozen_at__isnull=True).delete()
    experiment.goals.filter(role=GoalRole.PRIMARY).update(role=GoalRole.SECONDARY)


def _insert(experiment: Experiment, draft: GoalDraft, goals: Sequence[Goal]) -> Goal:
    position = max((goal.position for goal in goals), default=-1) + 1
    goal = Goal(id=uuid4(), experiment=experiment, position=position)
    _write(goal, draft)
    goal.save(force_insert=True)
    return goal


def _write(goal: Goal, draft: GoalDraft) -> None:
    goal.name, goal.role, goal.measure = draft.name.strip(), draft.role, draft.measure
    goal.event_types = sorted(set(draft.event_types))
    goal.conditions = [condition.as_json() for condition in draft.conditions]
    goal.value_key, goal.harm = draft.value_key, draft.harm
    goal.kind = kind_for(draft, goal.id)


def _number(goals: Sequence[Goal]) -> None:
    for position, goal in enumerate(goals):
        goal.position = position
    Goal.objects.bulk_update(goals, ["position"])


def _definition(draft: GoalDraft) -> GoalDraft:
    """Return all of a goal but its name, in whatever order its event types were given."""
    return replace(draft, name="", event_types=tuple(sorted(set(draft.event_types))))
