"""Counting again, by brute force: to prove the counts, and to rebuild them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from experiments import store
from metrics.kinds import COUNTED
from metrics.models import DailyCount, FirstOccurrence, PrunedMonth
from metrics.partitions import in_months
from metrics.sql import statement

_COUNTED = {
    "counted_types": [event_type for event_type, _ in COUNTED],
    "counted_kinds": [kind for _, kind in COUNTED],
}
_UNPRUNED = (
    "(SELECT * FROM metrics_event WHERE month NOT IN (SELECT month FROM metrics_prunedmonth))"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that was counted as `found` where the raw events say `expected`."""

    what: str
    experiment_id: str
    variant_id: str
    phase: int
    day: date | None
    kind: str
    expected: int
    found: int


def differences() -> list[Difference]:
    """Compare every count that can be compared with the raw events, in one snapshot.

    What pruned months counted is taken as it is (see `pruned_months`). Takes time and memory that
    grow with the raw events; ingest goes on meanwhile.
    """
    with store.reading_whole_tables():
        return [Difference(*row) for row in store.run(statement("recount_check"), _COUNTED)]


def pruned_months() -> list[PrunedMonth]:
    """Return the months whose events can't be counted again, oldest first."""
    return list(PrunedMonth.objects.order_by("month"))


def count_events(source: str, *, slot: int) -> None:
    """Count raw events that are kept already and not counted yet, by the rules of ingest.

    `source` is SQL for a table of them. Call it in the transaction that keeps them.
    """
    store.run(statement("count").replace("{events}", source), {**_COUNTED, "slot": slot})


@store.reading_whole_tables()
def rebuild() -> None:
    """Replace first occurrences and daily counts by what the raw events say.

    Of pruned months, events and first occurrences stay as they are. Ingest waits until this is
    committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"LOCK TABLE {FirstOccurrence._meta.db_table}, {DailyCount._meta.db_table} "
            "IN EXCLUSIVE MODE"
        )
        # No month may be pruned from here on: its counts would be gone with its events.
        cursor.execute(f"LOCK TABLE {PrunedMonth._meta.db_table} IN SHARE MODE")
    pruned = [month.month for month in pruned_months()]
    FirstOccurrence.objects.exclude(in_months("occurred_at__date", pruned)).delete()
    DailyCount.objects.exclude(in_months("day", pruned)).delete()
    DailyCount.objects.filter(in_months("day", pruned)).update(visitors=0)
    store.run(statement("recount_pruned"), {})
    count_events(_UNPRUNED, slot=0)
