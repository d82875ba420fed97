"""The kinds of event that a browser may report, and what each one counts towards."""

from __future__ import annotations

from django.db.models import TextChoices


class EventType(TextChoices):
    PAGE_VIEW = "page_view", "Page views"
    CLICK = "click", "Clicks"
    FORM_SUBMIT = "form_submit", "Sign-ups"
    CTA_CLICK = "cta_click", "CTA clicks"
    SCROLL_DEPTH = "scroll_depth", "Scroll depths"


# Counted beside the types themselves. A visitor's exposure is the first event of any type.
EXPOSURE = "exposure"
CONVERSION = "conversion"

GOAL_TYPES = frozenset({EventType.CTA_CLICK, EventType.FORM_SUBMIT})


def kinds_of(event_type: EventType) -> tuple[str, ...]:
    """Return every kind under which an event of this type is counted."""
    kinds = (EXPOSURE, event_type.value)
    return (*kinds, CONVERSION) if event_type in GOAL_TYPES else kinds


# (event type, kind) for each kind of each type: what the counting statement joins with.
COUNTED: tuple[tuple[str, str], ...] = tuple(
    (event_type.value, kind) for event_type in EventType for kind in kinds_of(event_type)
)
