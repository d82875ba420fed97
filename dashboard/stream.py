"""The event stream as people read it: each event in words, and what to check if none comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy, pgettext_lazy

from experiments.event_types import EventType
from experiments.keeper import keeper
from metrics.recent import RecentEvent, Stream

# One of each, where the types' own labels are of many.
ONE: Mapping[str, Any] = {
    EventType.PAGE_VIEW: gettext_lazy("Page view"),
    EventType.CLICK: pgettext_lazy("event", "Click"),
    EventType.FORM_SUBMIT: gettext_lazy("Sign-up"),
    EventType.CTA_CLICK: gettext_lazy("CTA click"),
    EventType.SCROLL_DEPTH: gettext_lazy("Scrolled"),
}
# Conversions, which stand out from what everybody does.
MARKED = (EventType.FORM_SUBMIT, EventType.CTA_CLICK)
# What has a column of its own.
_ARRIVAL = ("device", "source")
MOST_CHARACTERS = 80
# After so long without an event, the next one is worth a word to who can't see it.
QUIET = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Line:
    """One event: its type in a word, on what and from where the visitor came, and the rest."""

    event: RecentEvent
    label: Any
    is_marked: bool
    arrival: str
    details: str

    @property
    def visitor(self) -> str:
        """The beginning of the visitor's id, by which people tell visitors apart."""
        return str(self.event.visitor_id)[:8]


def lines_of(stream: Stream) -> list[Line]:
    """Return the events in words, newest first."""
    return [
        Line(
            event=event,
            label=ONE.get(event.event_type, event.event_type),
            is_marked=event.event_type in MARKED,
            arrival=", ".join(str(event.metadata[k]) for k in _ARRIVAL if k in event.metadata),
            details=summary_of(event.metadata),
        )
        for event in stream.events
    ]


def summary_of(metadata: Mapping[str, Any]) -> str:
    """Return what an event's metadata says besides device and source: “depth: 75”."""
    parts = (f"{key}: {_written(value)}" for key, value in metadata.items() if key not in _ARRIVAL)
    return Truncator(", ".join(parts)).chars(MOST_CHARACTERS)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def is_news(stream: Stream, known: datetime | None) -> bool:
    """Return whether something came after a while of nothing; `known` is the newest one shown."""
    newest = stream.newest_at
    return newest is not None and (known is None or newest - known > QUIET)


@dataclass(frozen=True, slots=True)
class Checks:
    """What may keep events away."""

    is_nothing_running: bool
    respects_privacy_signals: bool


def checks() -> Checks:
    return Checks(
        is_nothing_running=not keeper.current().running,
        respects_privacy_signals=settings.RESPECT_PRIVACY_SIGNALS,
    )
