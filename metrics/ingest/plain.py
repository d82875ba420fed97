"""The short way to keep and count: for calls of which nearly everything is known beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, NamedTuple

from django.db import IntegrityError
from psycopg.errors import UniqueViolation

from experiments.event_types import EventType
from experiments.known import Standing, Standings
from experiments.snapshot import Snapshot
from experiments.statements import Statement, Steps, bare_array
from metrics.ingest.counting import counted_of
from metrics.ingest.payload import Incoming, Submission
from metrics.sql import statement

PLAIN = statement("plain")
STANDINGS = statement("standings")

_TEXTS = {event_type: event_type.value for event_type in EventType}


class PlainEvent(NamedTuple):
    """An event whose visitor's standing is known, with the kinds that it counts towards."""

    event: Incoming
    standing: Standing
    kinds: tuple[str, ...]


def plain_calls(
    submissions: Sequence[Submission], snapshot: Snapshot, standings: Standings
) -> Steps[dict[int, list[PlainEvent]]]:
    """Find the plain ones of a group's calls, by their places.

    The assignments of visitors that aren't known yet are read at once, and remembered.
    """
    waiting = dict(enumerate(submissions))
    found = _plain_of(waiting, snapshot, standings)
    strangers = {
        (event.visitor_id, event.experiment_id)
        for n, submission in waiting.items()
        if n not in found
        for event in submission.events
        if standings.get(event.visitor_id, event.experiment_id) is None
    }
    if strangers:
        visitors, experiments = map(list, zip(*strangers, strict=True))
        asked = {"visitors": visitors, "experiments": experiments}
        for row in (yield Statement(STANDINGS, asked)):
            standings.remember(*row)
        others = {n: call for n, call in waiting.items() if n not in found}
        found |= _plain_of(others, snapshot, standings)
    return found


def _plain_of(
    submissions: dict[int, Submission], snapshot: Snapshot, standings: Standings
) -> dict[int, list[PlainEvent]]:
    found = {}
    for n, submission in submissions.items():
        events = []
        for event in submission.events:
            standing = standings.get(event.visitor_id, event.experiment_id)
            if standing is None or standing.variant_id != event.variant_id:
                break
            kinds, values = counted_of(event, snapshot)
            if values:
                break
            events.append(PlainEvent(event, standing, kinds))
        else:
            found[n] = events
    return found


class Outdated(Exception):
    """The snapshot is no longer current. Nothing was written."""


def write(events: Sequence[PlainEvent], snapshot: Snapshot, slot: int) -> Steps[datetime | None]:
    """Keep and count these events, no two of which have one id; their creation time comes of it.

    None, with nothing written, where that can't be decided here: an id may be there
    already. Raises Outdated, and Django's database errors, with nothing written.
    """
    rows = sorted(
        (e.visitor_id, e.id, e.experiment_id, e.variant_id, _TEXTS[e.event_type], e.metadata)
        for e, _, _ in events
    )
    raised: dict[tuple[str, int, str, tuple[str, ...]], int] = {}
    firsts: dict[tuple[str, str, str], Standing] = {}
    for event, standing, kinds in events:
        place = (event.experiment_id, standing.phase, event.variant_id, kinds)
        raised[place] = raised.get(place, 0) + 1
        if not standing.done.issuperset(kinds):
            for kind in kinds:
                if kind not in standing.done:
                    firsts[event.visitor_id, event.experiment_id, kind] = standing
    counts = [(e, p, v, kind, n) for (e, p, v, kinds), n in raised.items() for kind in kinds]
    visitors, ids, experiments, variants, types, metadata = zip(*rows, strict=True)
    first_visitors, first_experiments, first_kinds = _columns(firsts, 3)
    count_experiments, count_phases, count_variants, count_kinds, count_events = _columns(counts, 5)
    try:
        [(is_current, holds, now)] = yield Statement(
            PLAIN,
            {
                "version": snapshot.version,
                "slot": slot,
                "visitors": bare_array(visitors),
                "ids": bare_array(ids),
                "experiments": bare_array(experiments),
                "variants": bare_array(variants),
                "types": bare_array(types),
                "metadata": list(metadata),
                "first_visitors": bare_array(first_visitors),
                "first_experiments": bare_array(first_experiments),
                "first_kinds": list(first_kinds),
                "first_variants": bare_array([s.variant_id for s in firsts.values()]),
                "first_phases": [s.phase for s in firsts.values()],
                "count_experiments": bare_array(count_experiments),
                "count_phases": list(count_phases),
                "count_variants": bare_array(count_variants),
                "count_kinds": list(count_kinds),
                "count_events": list(count_events),
            },
        )
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            # A parallel transaction has just kept one of them.
            return None
        raise
    if not is_current:
        raise Outdated
    return now if holds else None


def _columns(rows: Iterable[tuple[Any, ...]], number: int) -> Iterable[tuple[Any, ...]]:
    return tuple(zip(*rows, strict=True)) or repeat((), number)
