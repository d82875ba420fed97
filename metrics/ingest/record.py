"""Check, keep, count: the whole of ingest, free of any transport."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import DataError, IntegrityError, OperationalError
from django.utils import timezone

from experiments.assignment import MAX_ATTEMPTS
from experiments.keeper import keeper
from experiments.snapshot import Snapshot
from experiments.statements import Steps
from metrics import partitions
from metrics.ingest import store
from metrics.ingest.payload import Submission
from metrics.ingest.steps import Reason, judge
from metrics.ingest.store import Written


def record(submissions: Sequence[Submission]) -> list[Written]:
    """Record a group of calls, each all or none, and return what became of each, in order.

    When this returns, what it says was kept is committed. Raises Django's database errors; nothing
    of the group was then kept, and trying again is safe, for every event has its id already.
    """
    snapshot = keeper.current()
    for attempt in range(MAX_ATTEMPTS):
        # While the configuration is being changed, one statement gets through sooner than several.
        written = _write(submissions, snapshot, is_hurried=attempt > 0)
        if written is not None:
            return written
        snapshot = keeper.refresh()
    raise OperationalError("The configuration changed faster than it could be read.")


def record_if_plain(submissions: Sequence[Submission]) -> Steps[list[Written] | None]:
    """As `record`, step by step, of a group in which nothing is unusual; None of any other."""
    snapshot = keeper.current()
    if any(refusal is not None for refusal in _refusals(submissions, snapshot)):
        return None
    return (yield from store.write_if_plain(submissions, snapshot))


def _write(
    submissions: Sequence[Submission], snapshot: Snapshot, *, is_hurried: bool
) -> list[Written] | None:
    """Write once, on this snapshot; None if it turned out not to be the current one."""
    written = _refusals(submissions, snapshot)
    for places in _rounds(submissions, [n for n, refused in enumerate(written) if refused is None]):
        group = [submissions[n] for n in places]
        kept = _write_isolated(group, snapshot, is_hurried)
        if kept is None:
            return None
        for n, outcome in zip(places, kept, strict=True):
            written[n] = outcome
    return [outcome for outcome in written if outcome is not None]


def _refusals(submissions: Sequence[Submission], snapshot: Snapshot) -> list[Written | None]:
    # All that the configuration decides by; a group has many events and few variants.
    judged: dict[tuple[str, str], Reason | None] = {}

    def refusal(submission: Submission) -> Written | None:
        for event in submission.events:
            key = (event.experiment_id, event.variant_id)
            if key not in judged:
                judged[key] = judge(event, snapshot)
            if judged[key] is not None:
                return Written(judged[key])
        return None

    return [refusal(submission) for submission in submissions]


def _rounds(submissions: Sequence[Submission], places: list[int]) -> list[list[int]]:
    """Split a group so that no round holds one id for two different events.

    The statement compares an id with what is kept already, not with its own other rows. There is
    always a round, even an empty one: it confirms that the refusals rest on a current snapshot.
    """
    keys = [(e.visitor_id, e.id) for n in places for e in submissions[n].events]
    if len(set(keys)) == len(keys):
        return [places]
    rounds: list[list[int]] = [[]]
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for n in places:
        signatures = {
            (e.visitor_id, e.id): (e.experiment_id, e.event_type.value)
            for e in submissions[n].events
        }
        if any(seen.get(key, signature) != signature for key, signature in signatures.items()):
            rounds.append([])
            seen = {}
        rounds[-1].append(n)
        seen.update(signatures)
    return rounds


def _write_isolated(
    group: Sequence[Submission], snapshot: Snapshot, is_hurried: bool
) -> list[Written] | None:
    """Write a group; where the database refuses a value in it, find the call that holds it.

    Payloads are checked so that this doesn't happen. If it does, only the call at fault fails.
    """
    try:
        return _write_with_partitions(group, snapshot, is_hurried)
    except DataError:
        if len(group) == 1:
            raise
    halves = (group[: len(group) // 2], group[len(group) // 2 :])
    parts = [_write_isolated(half, snapshot, is_hurried) for half in halves]
    return None if None in parts else [one for part in parts for one in part or []]


def _write_with_partitions(
    group: Sequence[Submission], snapshot: Snapshot, is_hurried: bool
) -> list[Written] | None:
    try:
        return store.write(group, snapshot, is_hurried=is_hurried)
    except IntegrityError as error:
        if "no partition of relation" not in str(error):
            raise
    moments = {event.moment or timezone.now() for call in group for event in call.events}
    partitions.ensure_months(partitions.month_of(partitions.day_of(moment)) for moment in moments)
    return store.write(group, snapshot, is_hurried=is_hurried)
