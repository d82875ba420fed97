"""What a goal is, in words: “Share of visitors, reached by “Sign-ups” where plan is pro.”"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from django.utils.translation import gettext as _

from dashboard.forms.goals import OPERATORS, text_of
from experiments.conditions import Operator
from experiments.event_types import EventType
from experiments.models import Goal
from experiments.models.goal import Direction

COMPARISONS = dict(OPERATORS)


def goal_sentences(goal: Goal) -> str:
    """Return what is measured, what reaches the goal, and which way is harm."""
    told = _reached(goal) % {
        "measure": _measure(goal),
        "events": _or(_event_name(name) for name in goal.event_types),
        "conditions": _and(_condition(kept) for kept in goal.conditions),
    }
    if not goal.harm:
        return told
    if goal.harm == Direction.INCREASE:
        return f"{told} {_('Harm is when it rises.')}"
    return f"{told} {_('Harm is when it falls.')}"


def _reached(goal: Goal) -> str:
    if goal.conditions:
        return _("%(measure)s, reached by %(events)s where %(conditions)s.")
    return _("%(measure)s, reached by %(events)s.")


def _measure(goal: Goal) -> str:
    if goal.value_key:
        return _("Sum of “%(key)s” by visitor") % {"key": goal.value_key}
    return goal.get_measure_display()


def _event_name(name: str) -> str:
    label = EventType(name).label if name in EventType.values else name
    return _("“%(name)s”") % {"name": label}


def _condition(kept: Mapping[str, Any]) -> str:
    comparison = COMPARISONS[Operator(kept["operator"])]
    return f"{kept['key']} {comparison} {text_of(kept.get('value'))}".rstrip()


def _or(parts: Iterable[str]) -> str:
    return reduce(
        lambda one, other: _("%(one)s or %(other)s") % {"one": one, "other": other}, parts
    )


def _and(parts: Iterable[str]) -> str:
    both = list(parts)
    if not both:
        return ""
    return reduce(
        lambda one, other: _("%(one)s and %(other)s") % {"one": one, "other": other}, both
    )
