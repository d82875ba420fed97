"""The whole way to keep and count, for any group of calls: one statement asks everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from experiments import store
from experiments.known import Standings
from experiments.snapshot import Snapshot
from metrics.ingest.counting import kinds_in
from metrics.ingest.payload import Incoming, Submission
from metrics.ingest.steps import Reason
from metrics.models import Event
from metrics.sql import statement

# Groups without a number to add up, nearly all, don't pay for the sums.
WITHOUT_SUMS = statement("ingest", sums="")
WITH_SUMS = statement("ingest", sums=statement("ingest_sums", sums=statement("sums")))


class Written(NamedTuple):
    """What became of one call: refused for a reason, or kept, with each event's creation time."""

    reason: Reason | None
    created_at: tuple[datetime, ...] = ()


def write(
    submissions: Sequence[Submission], snapshot: Snapshot, standings: Standings, slot: int
) -> list[Written] | None:
    """Keep and count what can be; return what became of each call, in order.

    Returns None, with nothing written, if the snapshot is no longer current. Raises Django's
    database errors, with nothing written.
    """
    events = [event for submission in submissions for event in submission.events]
    calls = [n for n, submission in enumerate(submissions) for _ in submission.events]
    counted = kinds_in(events, snapshot)
    rows = store.run(
        WITH_SUMS if counted.values else WITHOUT_SUMS,
        {
            "version": snapshot.version,
            "ordinals": list(range(len(events))),
            "calls": calls,
            "visitors": [e.visitor_id for e in events],
            "experiments": [e.experiment_id for e in events],
            "variants": [e.variant_id for e in events],
            "computed": [_computed(e, snapshot, standings) for e in events],
            "phases": [snapshot.experiments[e.experiment_id].phase for e in events],
            "types": [e.event_type.value for e in events],
            "metadata": [e.metadata for e in events],
            "ids": [e.id for e in events],
            "moments": [e.moment for e in events],
            "kind_ordinals": counted.kind_ordinals,
            "kinds": counted.kinds,
            "value_ordinals": counted.value_ordinals,
            "value_kinds": counted.value_kinds,
            "values": counted.values,
            "slot": slot,
            "once": 1,
        },
    )
    [(holds, now)] = [(row[0], row[-1]) for row in rows if row[1] is None]
    if not holds:
        return None
    moments: list[datetime] = [now] * len(events)
    reasons: dict[int, Reason] = {}
    not_accepted = []
    for _, ordinal, is_unassigned, is_foreign, is_reused, is_accepted, stands_at in rows:
        if ordinal is None:
            continue
        reason = _reason(is_unassigned, is_foreign, is_reused)
        if reason is not None:
            reasons.setdefault(calls[ordinal], reason)
        elif is_accepted:
            moments[ordinal] = stands_at or _created_at(events[ordinal])
        else:
            not_accepted.append(calls[ordinal])
    # For another event of the same call; or else the visitor was enrolled by a parallel request
    # into another variant than the one computed here.
    for call in not_accepted:
        reasons.setdefault(call, Reason.NOT_THE_VISITORS_OWN)
    return _by_call(submissions, reasons, moments)


def _by_call(
    submissions: Sequence[Submission], reasons: Mapping[int, Reason], moments: Sequence[datetime]
) -> list[Written]:
    written = []
    ordinal = 0
    for call, submission in enumerate(submissions):
        begin, ordinal = ordinal, ordinal + len(submission.events)
        reason = reasons.get(call)
        written.append(Written(reason, () if reason else tuple(moments[begin:ordinal])))
    return written


def _computed(event: Incoming, snapshot: Snapshot, standings: Standings) -> str | None:
    """Return what to store where the visitor has no assignment yet."""
    own = standings.get(event.visitor_id, event.experiment_id)
    if own is not None:
        return own.variant_id
    experiment = snapshot.experiments[event.experiment_id]
    return experiment.variant_for(event.visitor_id).id if experiment.enrols else None


def _reason(is_unassigned: bool, is_foreign: bool, is_reused: bool) -> Reason | None:
    if is_unassigned:
        return Reason.ENROLS_NOBODY
    if is_foreign:
        return Reason.NOT_THE_VISITORS_OWN
    return Reason.ID_REUSED if is_reused else None


def _created_at(event: Incoming) -> datetime:
    """Read the time of an event that a parallel transaction kept while ours was waiting for it."""
    return Event.objects.values_list("created_at", flat=True).get(
        visitor_id=event.visitor_id, id=event.id
    )
