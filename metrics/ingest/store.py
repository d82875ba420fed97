"""Keep and count: the short way for what is plain, and the whole way for the rest of a group."""

from __future__ import annotations

import os
from collections.abc import Sequence

from django.db import connection

from experiments.known import Standings, known
from experiments.snapshot import Snapshot
from experiments.statements import Steps, connect, take
from metrics.ingest import general, plain
from metrics.ingest.general import Written as Written
from metrics.ingest.payload import Submission

# Processes raise counters in rows of their own; more slots than processes only cost empty rows.
SLOTS = 64
# Of a mixed group, so many plain events pay for a statement of their own, and its commit.
WORTH_A_STATEMENT = 40


def write(
    submissions: Sequence[Submission], snapshot: Snapshot, *, is_hurried: bool = False
) -> list[Written] | None:
    """Keep and count what can be; return what became of each call, in order.

    In a hurry nothing is asked beforehand: everything goes the whole way.

    Returns None, with nothing more written, if the snapshot is no longer current. Raises Django's
    database errors. No two events of the group may share an id unless one is the other's repeat.
    """
    connect()
    # What is stored within a transaction may yet be taken back.
    is_for_good = not connection.in_atomic_block
    standings = known.under(snapshot.version) if is_for_good else Standings()
    try:
        written = {} if is_hurried else take(_write_plain(submissions, snapshot, standings))
    except plain.Outdated:
        return None
    places = [n for n in range(len(submissions)) if n not in written]
    if places or not submissions:
        rest = general.write([submissions[n] for n in places], snapshot, standings, _slot())
        if rest is None:
            return None
        written.update(zip(places, rest, strict=True))
    return [written[n] for n in range(len(submissions))]


def write_if_plain(
    submissions: Sequence[Submission], snapshot: Snapshot
) -> Steps[list[Written] | None]:
    """As `write`, of a group of which every call is plain; None, with nothing written, of others.

    Within a transaction, use `write`.
    """
    standings = known.under(snapshot.version)
    try:
        written = yield from _write_plain(submissions, snapshot, standings, is_all_or_none=True)
    except plain.Outdated:
        return None
    return [written[n] for n in range(len(submissions))] if written else None


def _write_plain(
    submissions: Sequence[Submission],
    snapshot: Snapshot,
    standings: Standings,
    *,
    is_all_or_none: bool = False,
) -> Steps[dict[int, Written]]:
    """Write the plain calls, where that pays; what became of them comes of it, by their places."""
    events = [event for submission in submissions for event in submission.events]
    keys = {(event.visitor_id, event.id) for event in events}
    if len(keys) < len(events) or any(event.moment is not None for event in events):
        return {}
    calls = yield from plain.plain_calls(submissions, snapshot, standings)
    found = [event for call in calls.values() for event in call]
    is_worth_it = len(found) >= WORTH_A_STATEMENT and not is_all_or_none
    if not found or (len(calls) < len(submissions) and not is_worth_it):
        return {}
    now = yield from plain.write(found, snapshot, _slot())
    if now is None:
        return {}
    for event, standing, kinds in found:
        if not standing.done.issuperset(kinds):
            standings.remember(
                event.visitor_id, event.experiment_id, *standing[:2], frozenset(kinds)
            )
    single = Written(None, (now,))
    return {n: single if len(c) == 1 else Written(None, (now,) * len(c)) for n, c in calls.items()}


def _slot() -> int:
    return os.getpid() % SLOTS
