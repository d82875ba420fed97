"""What each event counts towards: the kinds under which counts are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from experiments.conditions import number_of
from experiments.event_types import EventType
from experiments.goal_drafts import DEFAULT_KIND, DEFAULT_TYPES, OWN_KIND
from experiments.snapshot import GoalView

# Counted beside the types themselves. A visitor's exposure is the first event of any type.
EXPOSURE = "exposure"
# What the API calls a conversion, and the goal that an experiment has unless it says otherwise.
CONVERSION = DEFAULT_KIND

GOAL_TYPES = frozenset(DEFAULT_TYPES)

# Sums take numbers from −LIMIT to LIMIT, and so many of their decimals, rounded half away from 0.
LIMIT = 10**12
DECIMALS = Decimal("0.000001")
# Values that a sum leaves out are counted under a kind of their own, so that they are to be seen.
LEFT_OUT = "left:"


class Counted(NamedTuple):
    """The kinds that an event counts towards, and (kind, number) for each sum that it adds to."""

    kinds: tuple[str, ...]
    values: tuple[tuple[str, Decimal], ...] = ()


def counted_with_goals(
    event_type: str, metadata: Mapping[str, Any], goals: Sequence[GoalView]
) -> Counted:
    """Return what an event counts towards in an experiment with these goals for its type.

    metrics/sql/touched.sql decides the same over raw events.
    """
    kinds, values = list(KINDS[event_type]), []
    for goal in goals:
        if not all(condition.is_met_by(metadata) for condition in goal.conditions):
            continue
        if not goal.value_key:
            kinds.append(goal.kind)
            continue
        number = number_of(metadata.get(goal.value_key))
        if number is not None and -LIMIT <= number <= LIMIT:
            kinds.append(goal.kind)
            values.append((goal.kind, Decimal(number).quantize(DECIMALS, ROUND_HALF_UP)))
        elif metadata.get(goal.value_key) is not None:
            kinds.append(left_out_kind(goal.kind))
    return Counted(tuple(kinds), tuple(values))


def left_out_kind(kind: str) -> str:
    """Return the kind under which the values that a sum leaves out are counted."""
    return LEFT_OUT + kind.removeprefix(OWN_KIND)


KINDS: dict[str, tuple[str, ...]] = {
    event_type.value: (
        (EXPOSURE, event_type.value, CONVERSION)
        if event_type in GOAL_TYPES
        else (EXPOSURE, event_type.value)
    )
    for event_type in EventType
}

# (event type, kind) for each kind of each type: what statements over raw events join with.
COUNTED: tuple[tuple[str, str], ...] = tuple(
    (event_type, kind) for event_type, kinds in KINDS.items() for kind in kinds
)
