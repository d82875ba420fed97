"""The monthly partitions of the raw events: made ahead and by need, dropped when they are old."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from psycopg.errors import DeadlockDetected, LockNotAvailable

from metrics.models import Event, PrunedMonth

PARENT = Event._meta.db_table
# Months after this one whose partitions `migrate` makes.
AHEAD = 1
# Any numbers that no other advisory lock of this database uses.
_MAKING, _DROPPING = 7_021_406, 7_021_407
# Milliseconds that a statement waits for a lock before it gives up. More than the second after
# which PostgreSQL ends an autovacuum that stands in the way.
_LOCK_MILLISECONDS = 3_000
# Seconds between two attempts.
_PAUSE = 0.2


class MonthPruned(Exception):
    """The raw events of a month were pruned; a new one among them could never be recounted."""


class InUse(Exception):
    """Somebody else's long transaction, or their prune, is in the way. Trying later is safe."""


def month_of(day: date) -> date:
    """Return the first day of the month, the value of the partition key."""
    return date(day.year, day.month, 1)


def day_of(moment: datetime) -> date:
    """Return the UTC day of a moment."""
    return moment.astimezone(UTC).date()


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months_between(first: date, last: date) -> Iterator[date]:
    """Yield each month from that of one day to that of another."""
    month = month_of(first)
    while month <= last:
        yield month
        month = next_month(month)


def in_months(field: str, months: Iterable[date]) -> Q:
    """Return the condition that a day lies in one of the months; none do if there are none."""
    condition = Q(pk__in=[])
    for month in months:
        condition |= Q(**{f"{field}__gte": month, f"{field}__lt": next_month(month)})
    return condition


def partition_name(month: date) -> str:
    return f"{PARENT}_{month:%Y%m}"


def existing_months() -> list[date]:
    """Return the months that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid "
            "WHERE inhparent = to_regclass(%s) AND NOT inhdetachpending AND relname ~ %s "
            "ORDER BY relname",
            [PARENT, f"^{PARENT}_[0-9]{{6}}$"],
        )
        stamps = [name.removeprefix(f"{PARENT}_") for (name,) in cursor.fetchall()]
    return [date(int(stamp[:4]), int(stamp[4:]), 1) for stamp in stamps]


def ensure_months(months: Iterable[date]) -> list[date]:
    """Make the partitions of these months where they are missing; return the new ones' months.

    A partition is built beside the table and then attached. That takes a lock (SHARE UPDATE
    EXCLUSIVE) that no read and no write waits for, however long this itself has to wait, and an
    empty table needs no scan to prove that it fits. Raises MonthPruned, and OperationalError if a
    maintenance command keeps the table for seconds.
    """
    missing = set(months) - set(existing_months())
    if not missing:
        return []
    _require_unpruned(missing)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_LOCK_MILLISECONDS}ms"])
        # At a month's turn every process finds its partition missing. One makes it; the others
        # wait here for its commit, and then find it made.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
        made = sorted(missing - set(existing_months()))
        for month in made:
            name = partition_name(month)
            cursor.execute(f"CREATE TABLE {name} (LIKE {PARENT} INCLUDING ALL)")
            cursor.execute(
                f"ALTER TABLE {PARENT} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)",
                [month, next_month(month)],
            )
    return made


def _require_unpruned(months: Collection[date]) -> None:
    pruned = PrunedMonth.objects.filter(month__in=months).order_by("month").first()
    if pruned is not None:
        raise MonthPruned(
            f"The raw events of {pruned.month:%Y-%m} were pruned: nothing can be added to them."
        )


def ensure_ahead(ahead: int = AHEAD) -> list[date]:
    """Make the partitions of this month and of so many months after it."""
    months = [month_of(day_of(timezone.now()))]
    for _ in range(ahead):
        months.append(next_month(months[-1]))
    return ensure_months(months)


def after_migrate(**_kwargs: Any) -> None:
    """Leave every migrated database able to take events at once."""
    if {PARENT, PrunedMonth._meta.db_table} <= set(connection.introspection.table_names()):
        ensure_ahead()


def size_of(month: date) -> int:
    """Return the bytes that a month's table takes on disk, its index included; 0 without one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(to_regclass(%s))", [partition_name(month)])
        return int(cursor.fetchone()[0] or 0)


@contextmanager
def dropping() -> Iterator[None]:
    """Hold the right to drop partitions: one process at a time, outside any transaction.

    Within it a statement waits seconds for a lock, not for ever. Raises InUse where another process
    has the right, or keeps a lock for longer.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_DROPPING])
        if not cursor.fetchone()[0]:
            raise InUse("Another process is dropping partitions.")
        try:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, false)", [f"{_LOCK_MILLISECONDS}ms"]
            )
            yield
        except OperationalError as error:
            if not _is_about_locks(error):
                raise
            raise InUse("A long transaction is in the way.") from error
        finally:
            cursor.execute("RESET lock_timeout")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_DROPPING])


def drop_month(month: date, *, patience: float) -> None:
    """Drop a month's partition; call it within `dropping`.

    First it is taken out of the table, for which PostgreSQL waits until nobody uses it any more,
    without making anybody wait; then it is dropped as a table of its own. What an earlier attempt
    left half-way is finished. Raises InUse after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while (step := _next_step(month)) is not None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(step)
        except OperationalError as error:
            if not _is_about_locks(error):
                raise
            if time.monotonic() > deadline:
                raise InUse(f"{partition_name(month)} is in use by a long transaction.") from error
            time.sleep(_PAUSE)


def _next_step(month: date) -> str | None:
    """Return the statement that brings a month's partition nearer to its end, None at the end."""
    name = partition_name(month)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass(%s) IS NOT NULL, "
            "(SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass(%s))",
            [name, name],
        )
        exists, is_pending = cursor.fetchone()
    if not exists:
        return None
    if is_pending is None:
        return f"DROP TABLE {name}"
    return f"ALTER TABLE {PARENT} DETACH PARTITION {name} " + (
        "FINALIZE" if is_pending else "CONCURRENTLY"
    )


def _is_about_locks(error: OperationalError) -> bool:
    return isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)
