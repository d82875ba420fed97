"""What the events of a group count towards, in the arrays that the counting statement takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import OperationalError

from experiments.snapshot import GoalView, Snapshot
from metrics.ingest.payload import Incoming
from metrics.kinds import KINDS, Counted, counted_with_goals

_NOTHING: Mapping[str, Any] = {}
_WITHOUT_GOALS = {event_type: Counted(kinds) for event_type, kinds in KINDS.items()}


@dataclass(slots=True)
class Kinds:
    """One entry for each kind of each event, and one for each number that an event adds to a sum.

    Ordinals are the events' places in the group.
    """

    kind_ordinals: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    value_ordinals: list[int] = field(default_factory=list)
    value_kinds: list[str] = field(default_factory=list)
    values: list[Decimal] = field(default_factory=list)


def kinds_in(events: Sequence[Incoming], snapshot: Snapshot) -> Kinds:
    """Return what each event counts towards. Metadata are looked at only where a goal asks."""
    found = Kinds()
    for ordinal, event in enumerate(events):
        kinds, values = counted_of(event, snapshot)
        for kind, value in values:
            found.value_ordinals.append(ordinal)
            found.value_kinds.append(kind)
            found.values.append(value)
        found.kinds += kinds
        found.kind_ordinals += [ordinal] * len(kinds)
    return found


def counted_of(event: Incoming, snapshot: Snapshot) -> Counted:
    """Return what an event counts towards."""
    # An event type is its own text; asking an enum for its value takes longer than all of this.
    goals = snapshot.experiments[event.experiment_id].goals_by_type.get(event.event_type)
    if goals:
        return _counted(event, event.event_type.value, goals)
    return _WITHOUT_GOALS[event.event_type]


def _counted(event: Incoming, event_type: str, goals: Sequence[GoalView]) -> Counted:
    if event.moment is not None:
        _require_counted(event, goals)
    metadata = _NOTHING
    if any(goal.asks_for_metadata for goal in goals):
        metadata = json.loads(event.metadata) if event.fields is None else event.fields
    return counted_with_goals(event_type, metadata, goals)


def _require_counted(event: Incoming, goals: Sequence[GoalView]) -> None:
    """Keep simulated events of the past out until the goal's own past has been counted."""
    for goal in goals:
        since = goal.uncounted_before
        if since is not None and event.moment is not None and event.moment < since:
            raise OperationalError("A goal is being counted from the raw events. Try again.")
