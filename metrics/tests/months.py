"""Months of the tests' own, and other sessions that stand in their way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from django.db import connection

from metrics import partitions


def moment_in(month: date, day: int = 15, hour: int = 12) -> datetime:
    return datetime(month.year, month.month, day, hour, tzinfo=UTC)


def remove_partitions(*, except_months: list[date]) -> None:
    """Drop the partitions, as an emptied test database has them, that a test made."""
    with partitions.dropping():
        for month in partitions.existing_months():
            if month not in except_months:
                partitions.drop_month(month, patience=10)


@contextmanager
def another_session() -> Iterator[Callable[..., Any]]:
    """A second connection to the test's database, in a transaction; give it SQL to run."""
    parameters = connection.get_connection_params()
    for own in ("cursor_factory", "context", "pool", "server_side_binding"):
        parameters.pop(own, None)
    with psycopg.connect(**parameters) as session:
        yield session.execute
        session.rollback()
