"""A goal as an editor gives it, what may be wrong with it, and the kind it is counted under."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from experiments.answers import is_storable_text
from experiments.conditions import (
    Condition,
    condition_from,
    condition_problems,
    key_problem,
)
from experiments.event_types import EventType
from experiments.models import Goal
from experiments.models.goal import Direction, GoalMeasure, GoalRole

NAME_LENGTH = 100
# The API's conversion: its counts are kept under this kind for every experiment.
DEFAULT_KIND = "conversion"
DEFAULT_NAME = "Sign-up or CTA click"
DEFAULT_TYPES = (EventType.CTA_CLICK, EventType.FORM_SUBMIT)
# Kinds that begin so are counted for one goal alone.
OWN_KIND = "goal:"


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """What reaches a goal, and what the goal is for."""

    name: str
    role: str = GoalRole.SECONDARY
    event_types: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    measure: str = GoalMeasure.CONVERSION
    # Of a sum: the metadata key whose number is added up.
    value_key: str = ""
    # Of a guardrail: which way is harm.
    harm: str = ""


DEFAULT_DRAFT = GoalDraft(
    DEFAULT_NAME, GoalRole.PRIMARY, tuple(event_type.value for event_type in DEFAULT_TYPES)
)


def draft_of(goal: Goal) -> GoalDraft:
    """Return what a goal is, as one could save it again."""
    return GoalDraft(
        name=goal.name,
        role=goal.role,
        event_types=tuple(goal.event_types),
        conditions=tuple(condition_from(kept) for kept in goal.conditions),
        measure=goal.measure,
        value_key=goal.value_key,
        harm=goal.harm,
    )


def kind_for(draft: GoalDraft, goal_id: UUID) -> str:
    """Return the kind under which a goal is counted.

    What is counted for every experiment anyway costs nothing more, and is there from the start.
    """
    types = set(draft.event_types)
    if draft.measure == GoalMeasure.CONVERSION and not draft.conditions:
        if len(types) == 1:
            return next(iter(types))
        if types == {event_type.value for event_type in DEFAULT_TYPES}:
            return DEFAULT_KIND
    return f"{OWN_KIND}{goal_id.hex}"


def goal_problems(draft: GoalDraft, others: Iterable[Goal] = ()) -> dict[str, list[str]]:
    """Return {field: what is wrong with it}, in sentences; empty for a goal that can be.

    `others` are the experiment's other goals.
    """
    others = list(others)
    found = {
        "name": _name_problems(draft.name, others),
        "role": _role_problems(draft),
        "event_types": _type_problems(draft, others),
        "conditions": condition_problems(draft.conditions),
        "value_key": _value_problems(draft),
        "harm": _harm_problems(draft),
    }
    return {name: problems for name, problems in found.items() if problems}


def _name_problems(name: str, others: Sequence[Goal]) -> list[str]:
    if not name.strip():
        return [_("Give the goal a name.")]
    if len(name) > NAME_LENGTH:
        told = _("A goal's name has at most %(most)s characters; this has %(length)s.")
        return [told % {"most": NAME_LENGTH, "length": len(name)}]
    if not is_storable_text(name):
        return [_("A goal's name can't hold such a character.")]
    if name.strip().casefold() in {goal.name.strip().casefold() for goal in others}:
        told = _("Another goal of this experiment is called “%(name)s”.")
        return [told % {"name": name.strip()}]
    return []


def _role_problems(draft: GoalDraft) -> list[str]:
    if draft.role not in GoalRole.values:
        return [_("A goal's role is one of %(roles)s.") % {"roles": ", ".join(GoalRole.values)}]
    if draft.role == GoalRole.PRIMARY and draft.measure != GoalMeasure.CONVERSION:
        return [_("The primary goal is a share of visitors; a sum can be a secondary goal.")]
    if draft.role == GoalRole.GUARDRAIL and draft.measure != GoalMeasure.CONVERSION:
        return [_("A guardrail is a share of visitors; a sum can be a secondary goal.")]
    return []


def _type_problems(draft: GoalDraft, others: Sequence[Goal]) -> list[str]:
    if not draft.event_types:
        return [_("Choose at least one event type that reaches the goal.")]
    if not set(draft.event_types) <= set(EventType.values):
        return [_("Event types are %(types)s.") % {"types": ", ".join(EventType.values)}]
    kind = kind_for(draft, UUID(int=0))
    same = next((goal for goal in others if goal.kind == kind), None)
    told = _("“%(name)s” is reached by the very same events.")
    return [told % {"name": same.name}] if same else []


def _value_problems(draft: GoalDraft) -> list[str]:
    if draft.measure not in GoalMeasure.values:
        return [_("A goal measures one of %(kinds)s.") % {"kinds": ", ".join(GoalMeasure.values)}]
    if draft.measure == GoalMeasure.CONVERSION:
        return [_("Only a sum adds a number up.")] if draft.value_key else []
    problem = key_problem(draft.value_key)
    return [problem] if problem else []


def _harm_problems(draft: GoalDraft) -> list[str]:
    if draft.role != GoalRole.GUARDRAIL:
        return [_("Only a guardrail has a harmful direction.")] if draft.harm else []
    if draft.harm not in Direction.values:
        return [_("Say which way is harm for this guardrail: an increase or a decrease.")]
    return []
