"""Visitors and their events, made as browsers make them."""

from __future__ import annotations

import uuid
from datetime import datetime

from experiments.assignment import Wish, assign
from experiments.event_types import EventType
from experiments.models import Experiment
from experiments.snapshot import VariantView
from metrics.ingest.payload import Incoming, Submission
from metrics.ingest.record import record
from metrics.ingest.store import Written


def new_id() -> str:
    return str(uuid.uuid4())


def assigned_visitor(experiment: Experiment, visitor_id: str | None = None) -> tuple[str, str]:
    """Return a visitor's id and the id of the variant that they have."""
    visitor_id = visitor_id or new_id()
    [outcome] = assign([Wish(visitor_id, str(experiment.id))])
    assert isinstance(outcome, VariantView)
    return visitor_id, outcome.id


def event_of(
    experiment: Experiment,
    visitor_id: str,
    variant_id: str,
    event_type: EventType = EventType.PAGE_VIEW,
    *,
    event_id: str | None = None,
    moment: datetime | None = None,
    metadata: str = "{}",
) -> Incoming:
    return Incoming(
        visitor_id,
        str(experiment.id),
        variant_id,
        event_type,
        event_id or new_id(),
        metadata,
        moment,
    )


def record_one(event: Incoming) -> Written:
    [written] = record([Submission((event,))])
    return written
