"""Counting again, by brute force: to prove the counts, and to rebuild them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from experiments import store
from metrics.kinds import COUNTED
from metrics.models import DailyCount, FirstOccurrence
from metrics.sql import statement

_COUNTED = {
    "counted_types": [event_type for event_type, _ in COUNTED],
    "counted_kinds": [kind for _, kind in COUNTED],
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that was counted as `found` where the raw events say `expected`."""

    what: str
    experiment_id: str
    variant_id: str
    day: date | None
    kind: str
    expected: int
    found: int


def differences() -> list[Difference]:
    """Compare every count with the raw events, in one snapshot of the database.

    Takes time and memory that grow with the raw events; ingest goes on meanwhile.
    """
    return [Difference(*row) for row in store.run(statement("recount_check"), _COUNTED)]


@transaction.atomic
def rebuild() -> None:
    """Replace first occurrences and daily counts by what the raw events say.

    Ingest waits until this is committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"LOCK TABLE {FirstOccurrence._meta.db_table}, {DailyCount._meta.db_table} "
            "IN EXCLUSIVE MODE"
        )
    FirstOccurrence.objects.all().delete()
    DailyCount.objects.all().delete()
    store.run(statement("recount_firsts"), _COUNTED)
    store.run(statement("recount_counts"), _COUNTED)
