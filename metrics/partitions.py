"""The monthly partitions of the raw events: made ahead, and by need."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

PARENT = "metrics_event"
# Any number that no other advisory lock of this database uses.
_LOCK = 7_021_406


def month_of(day: date) -> date:
    """Return the first day of the month, the value of the partition key."""
    return date(day.year, day.month, 1)


def day_of(moment: datetime) -> date:
    """Return the UTC day of a moment."""
    return moment.astimezone(UTC).date()


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def partition_name(month: date) -> str:
    return f"{PARENT}_{month:%Y%m}"


def ensure_months(months: Iterable[date]) -> list[str]:
    """Make the partitions of these months where they are missing; return the names of new ones.

    A partition is built beside the table and then attached, for which PostgreSQL takes a lock that
    lets reads and writes go on.
    """
    made = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for month in sorted(set(months)):
            name = partition_name(month)
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                cursor.execute(f"CREATE TABLE {name} (LIKE {PARENT} INCLUDING ALL)")
                cursor.execute(
                    f"ALTER TABLE {PARENT} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)",
                    [month, next_month(month)],
                )
                made.append(name)
    return made


def ensure_ahead() -> list[str]:
    """Make this month's partition and the next one's."""
    this_month = month_of(timezone.now().date())
    return ensure_months([this_month, next_month(this_month)])


def after_migrate(**_kwargs: Any) -> None:
    """Leave every migrated database able to take events at once."""
    if PARENT in connection.introspection.table_names():
        ensure_ahead()
