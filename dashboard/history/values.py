"""Fields and their values, as people read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dashboard.figures import NBSP, count, localized, percent
from experiments.event_types import EventType
from experiments.lifecycle import Decision, Status
from experiments.models.audit import AuditedKind
from experiments.models.goal import Direction, GoalMeasure, GoalRole
from experiments.models.phase import PhaseCause
from experiments.roles import StaffRole

NOTHING = "–"
SPLIT = gettext_lazy("Traffic split")
# What is a row's own business, or told by where it stands.
UNTOLD = {"id", "is_staff", "completed_from"}

_LABELS: Mapping[str, Any] = {
    "winner_id": gettext_lazy("Winner"),
    "page_id": gettext_lazy("Landing page"),
    "is_home": gettext_lazy("Stands at /"),
    "slug": gettext_lazy("Address"),
    "rollout": gettext_lazy("On for"),
    "archived_at": gettext_lazy("Archived"),
    "weight": gettext_lazy("Share of visitors"),
    "weights": SPLIT,
    "goal_id": gettext_lazy("Primary goal"),
    "harm": gettext_lazy("Harm is"),
    "kind": gettext_lazy("Counted as"),
    "value_key": gettext_lazy("Adds up"),
    "minimum_lift": gettext_lazy("Smallest lift worth having"),
    "alpha": gettext_lazy("α"),
    "key": gettext_lazy("Key"),
    "enabled": gettext_lazy("Switch"),
    "secret_hash": gettext_lazy("Secret"),
    "prefix": gettext_lazy("Begins with"),
    "username": gettext_lazy("User name"),
    "email": gettext_lazy("E-mail address"),
    "is_active": gettext_lazy("May sign in"),
    "is_superuser": gettext_lazy("Administrator"),
    "roles": gettext_lazy("Role"),
    "accepted_at": gettext_lazy("Accepted"),
    "accepted_by_id": gettext_lazy("Accepted by"),
    "backfilled_at": gettext_lazy("Past counted"),
    "baseline_rate": gettext_lazy("Baseline rate"),
    "cause": gettext_lazy("Cause"),
    "completed_at": gettext_lazy("Completed"),
    "conditions": gettext_lazy("Conditions"),
    "content": gettext_lazy("Content"),
    "counted_since": gettext_lazy("Counted since"),
    "created_at": gettext_lazy("Created"),
    "created_by_id": gettext_lazy("Created by"),
    "date_joined": gettext_lazy("Joined"),
    "days": gettext_lazy("Days"),
    "decision": gettext_lazy("Decision"),
    "decision_note": gettext_lazy("Note"),
    "description": gettext_lazy("Description"),
    "ended_at": gettext_lazy("Ended"),
    "event_types": gettext_lazy("Event types"),
    "experiment_id": gettext_lazy("Experiment"),
    "expires_at": gettext_lazy("Expires"),
    "first_name": gettext_lazy("First name"),
    "frozen_at": gettext_lazy("Frozen"),
    "hypothesis": gettext_lazy("Hypothesis"),
    "invited_by_id": gettext_lazy("Invited by"),
    "last_login": gettext_lazy("Last sign-in"),
    "last_name": gettext_lazy("Last name"),
    "measure": gettext_lazy("What is compared"),
    "missing_months": gettext_lazy("Missing months"),
    "name": gettext_lazy("Name"),
    "number": gettext_lazy("Number"),
    "password": gettext_lazy("Password"),
    "position": gettext_lazy("Place"),
    "power": gettext_lazy("Power"),
    "reason": gettext_lazy("Reason"),
    "revoked_at": gettext_lazy("Revoked"),
    "role": gettext_lazy("Role"),
    "started_at": gettext_lazy("Started"),
    "status": gettext_lazy("Status"),
    "turns_off_at": gettext_lazy("Turns off"),
    "turns_on_at": gettext_lazy("Turns on"),
    "updated_at": gettext_lazy("Last changed"),
    "version": gettext_lazy("Version"),
    "visitors_per_day": gettext_lazy("Visitors per day"),
    "visitors_per_variant": gettext_lazy("Visitors per variant"),
}
_CHOICES: Mapping[tuple[str, str], Any] = {
    (AuditedKind.EXPERIMENT, "status"): Status,
    (AuditedKind.EXPERIMENT, "decision"): Decision,
    (AuditedKind.GOAL, "role"): GoalRole,
    (AuditedKind.GOAL, "measure"): GoalMeasure,
    (AuditedKind.GOAL, "event_types"): EventType,
    (AuditedKind.GOAL, "harm"): Direction,
    (AuditedKind.PHASE, "cause"): PhaseCause,
    (AuditedKind.PERSON, "roles"): StaffRole,
    (AuditedKind.INVITATION, "role"): StaffRole,
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names of what entries refer to by id, as they are now."""

    experiments: Mapping[str, str] = field(default_factory=dict)
    # Of variants, goals and pages.
    parts: Mapping[str, str] = field(default_factory=dict)

    def part(self, part_id: object) -> str:
        return self.parts.get(str(part_id), _("one that was removed"))


def label_of(name: str) -> str:
    """Return what people call a column; one that no list knows, as it is."""
    return str(_LABELS.get(name, name))


def within(text: str) -> str:
    """Return a label as it stands in the midst of a sentence; German nouns stay capitals there."""
    is_english = (get_language() or settings.LANGUAGE_CODE).startswith("en")
    return f"{text[:1].lower()}{text[1:]}" if is_english else text


def shown(kind: str, name: str, value: Any, names: Names) -> str:
    """Return a column's value as people read it."""
    if value is None or value == []:
        return NOTHING
    if value == "":
        return _("(empty)")
    if (kind, name) in _CHOICES:
        return _chosen(_CHOICES[kind, name], value)
    if name in _WAYS:
        return _WAYS[name](value, names)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and name.endswith(("_at", "_since")):
        return _moment(value)
    if isinstance(value, int | float):
        return count(value) if isinstance(value, int) else localized(f"{value:g}")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def written_split(weights: list[int]) -> str:
    return " / ".join(str(weight) for weight in weights) or NOTHING


def _chosen(choices: Any, value: Any) -> str:
    labels = dict(choices.choices)
    values = value if isinstance(value, list) else [value]
    return ", ".join(str(labels.get(one, one)) for one in values)


def _moment(value: str) -> str:
    moment = parse_datetime(value)
    return f"{date_format(moment.astimezone(UTC), _('j M Y, H:i'))} UTC" if moment else value


def _secret(_value: Any, _names: Names) -> str:
    return _("(not recorded)")


def _address(value: Any, _names: Names) -> str:
    return _("(not recorded)") if value == "hidden" else str(value)


def _weights(value: Any, names: Names) -> str:
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{names.part(part)} {weight}{NBSP}%" for part, weight in value.items())


def _conditions(value: Any, _names: Names) -> str:
    parts = (
        f"{one.get('key')} {one.get('operator')} {one.get('value', '')}".strip() for one in value
    )
    return ", ".join(parts)


_WAYS: Mapping[str, Callable[[Any, Names], str]] = {
    "password": _secret,
    "secret_hash": _secret,
    "email": _address,
    "winner_id": lambda value, names: names.part(value),
    "goal_id": lambda value, names: names.part(value),
    "page_id": lambda value, names: names.part(value),
    "weight": lambda value, _names: f"{value}{NBSP}%",
    "rollout": lambda value, _names: _("%(share)s of visitors") % {"share": f"{value}{NBSP}%"},
    "weights": _weights,
    "position": lambda value, _names: str(value + 1),
    "conditions": _conditions,
    "enabled": lambda value, _names: _("on") if value else _("off"),
    "prefix": lambda value, _names: f"ps_{value}_…",
    "baseline_rate": lambda value, _names: percent(value),
    "minimum_lift": lambda value, _names: percent(value),
    "power": lambda value, _names: percent(value),
}
