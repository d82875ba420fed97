"""Hand-written SQL of the metrics app outside ingest: locks on what is counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from experiments.statements import run

# Number of the advisory lock under which goals' pasts are counted.
_BACKFILLING = 7_245_003


def wait_at_most(milliseconds: int) -> None:
    """Let locks of this transaction be waited for so long; then OperationalError is raised."""
    run(f"SET LOCAL lock_timeout = {milliseconds:d}", {})


@contextmanager
def reading_little() -> Iterator[None]:
    """Start no helpers for what this block reads, whatever the planner expects of it.

    It knows of stretches of a table only how many there are, and takes few rows for many.
    """
    with transaction.atomic(savepoint=False):
        run("SET LOCAL max_parallel_workers_per_gather = 0", {})
        yield


def stop_counting() -> datetime:
    """Make ingest wait until this transaction ends, and return a moment at which nobody counts.

    Who was counting has finished. Who waits goes on with what is committed here: the statement
    takes its locks before its snapshot, and so its fence sees a new configuration.
    """
    # One table that whatever counts writes to. Of two, a statement that is about to begin could
    # hold the other one and wait in a circle.
    run("LOCK TABLE metrics_dailycount IN EXCLUSIVE MODE", {})
    moment: datetime = run("SELECT clock_timestamp()", {})[0][0]
    return moment


def hold_pruning() -> None:
    """Let no month be declared pruned until this transaction ends."""
    run("LOCK TABLE metrics_prunedmonth IN SHARE MODE", {})


def hold_goals() -> None:
    """Let no goal be added or changed until this transaction ends; wait for who does so now."""
    run("LOCK TABLE experiments_goal IN SHARE MODE", {})


def begin_backfill() -> None:
    """Wait for other backfills, and for who holds goals, until this transaction ends."""
    run("SELECT pg_advisory_xact_lock(%(number)s)", {"number": _BACKFILLING})
    # What changing a goal takes too. The change itself comes last: it raises the configuration's
    # version, for which all other writers of it wait.
    run("LOCK TABLE experiments_goal IN ROW EXCLUSIVE MODE", {})
