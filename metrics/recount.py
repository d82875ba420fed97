"""Counting again, by brute force: to prove the counts, and to rebuild them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F

from experiments import store
from experiments.models import Goal
from metrics.kinds import COUNTED
from metrics.models import DailyCount, DailySum, FirstOccurrence, PrunedMonth, VisitorTotal
from metrics.partitions import in_months
from metrics.sql import statement
from metrics.store import hold_pruning, stop_counting

# What statements over raw events are given: the kinds of every experiment, and of all goals.
_ALL_KINDS: Mapping[str, Any] = {
    "counted_types": [event_type for event_type, _ in COUNTED],
    "counted_kinds": [kind for _, kind in COUNTED],
    "goals": None,
}
_NO_KINDS: Mapping[str, Any] = {"counted_types": [], "counted_kinds": []}
_UNPRUNED = (
    "(SELECT * FROM metrics_event WHERE month NOT IN (SELECT month FROM metrics_prunedmonth))"
)
_BEFORE = (
    "(SELECT * FROM metrics_event WHERE month NOT IN (SELECT month FROM metrics_prunedmonth)"
    " AND experiment_id = %(experiment)s::uuid AND created_at < %(before)s::timestamptz)"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that was counted as `found` where the raw events say `expected`.

    Where it is of more than one variant or phase, `variant_id` is "" and `phase` None.
    """

    what: str
    experiment_id: str
    variant_id: str
    phase: int | None
    day: date | None
    kind: str
    expected: int | Decimal
    found: int | Decimal


def differences() -> list[Difference]:
    """Compare every count that can be compared with the raw events, in one snapshot.

    What pruned months counted is taken as it is (see `pruned_months`). Takes time and memory that
    grow with the raw events; ingest goes on meanwhile.
    """
    check = statement("recount_check", touched=_touched(_UNPRUNED))
    with store.reading_whole_tables():
        return [Difference(*row) for row in store.run(check, _ALL_KINDS)]


def pruned_months() -> list[PrunedMonth]:
    """Return the months whose events can't be counted again, oldest first."""
    return list(PrunedMonth.objects.order_by("month"))


def count_events(source: str, *, slot: int) -> None:
    """Count raw events that are kept already and not counted yet, by the rules of ingest.

    `source` is SQL for a table of them. Call it in the transaction that keeps them.
    """
    store.run(_count(source), {**_ALL_KINDS, "slot": slot})


def count_goal(goal: Goal, *, slot: int) -> None:
    """Count the raw events from before a goal was added towards it, and towards nothing else.

    Call it in the transaction that marks it as backfilled.
    """
    values = {"experiment": goal.experiment_id, "before": goal.counted_since, "goals": [goal.id]}
    store.run(_count(_BEFORE), {**_NO_KINDS, **values, "slot": slot})


def remember_totals(month: date) -> None:
    """Keep what a month's raw events added to visitors' totals, for when they are gone.

    Call it in the transaction that declares the month pruned.
    """
    source = "(SELECT * FROM metrics_event WHERE month = %(month)s::date)"
    store.run(statement("prune_totals", touched=_touched(source)), {**_ALL_KINDS, "month": month})


def _count(source: str) -> str:
    return statement("count", touched=_touched(source), sums=statement("sums"))


def _touched(source: str) -> str:
    return statement("touched", events=source)


@store.reading_whole_tables()
def rebuild() -> None:
    """Replace first occurrences, daily counts and sums by what the raw events say.

    Of pruned months, events, sums and first occurrences stay as they are. Ingest waits until this
    is committed.
    """
    stop_counting()
    # No month may be pruned from here on: its counts would be gone with its events.
    hold_pruning()
    pruned = [month.month for month in pruned_months()]
    FirstOccurrence.objects.exclude(in_months("occurred_at__date", pruned)).delete()
    DailyCount.objects.exclude(in_months("day", pruned)).delete()
    DailyCount.objects.filter(in_months("day", pruned)).update(visitors=0)
    DailySum.objects.exclude(in_months("day", pruned)).delete()
    VisitorTotal.objects.filter(pruned=0).delete()
    VisitorTotal.objects.update(total=F("pruned"))
    store.run(statement("recount_pruned"), {})
    count_events(_UNPRUNED, slot=0)
    store.run(statement("recount_squares"), {})
    # Last, for other writers of the configuration wait for this: no process may go on to know who
    # did something first that isn't among the raw events any more.
    store.raise_config_version()
