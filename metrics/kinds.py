"""What each event counts towards: the kinds under which counts are kept."""

from __future__ import annotations

from experiments.event_types import EventType

# Counted beside the types themselves. A visitor's exposure is the first event of any type.
EXPOSURE = "exposure"
# What the API calls a conversion, and the goal that an experiment has unless it says otherwise.
CONVERSION = "conversion"

GOAL_TYPES = frozenset({EventType.CTA_CLICK, EventType.FORM_SUBMIT})


def kinds_of(event_type: EventType) -> tuple[str, ...]:
    """Return every kind under which an event of this type is counted, whatever the experiment."""
    return KINDS[event_type.value]


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
