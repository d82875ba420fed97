"""Reads of what was counted: totals by variant and kind, over all phases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db.models import Count, Min, Q, Sum

from experiments import store
from experiments.event_types import EventType
from metrics.kinds import CONVERSION, EXPOSURE, GOAL_TYPES
from metrics.models import DailyCount, Event, PrunedMonth
from metrics.partitions import in_months, month_of, next_month


class Tally(NamedTuple):
    """How many events of a kind there were, and how many visitors they came from."""

    events: int
    visitors: int


NONE = Tally(0, 0)

# {variant id: {kind: count}}; a variant or kind that nothing happened in is absent.
Totals = Mapping[UUID, Mapping[str, Tally]]


class EventsPruned(Exception):
    """Results of these days need raw events that are no longer kept.

    `since` is the first UTC day from which on they are.
    """

    def __init__(self, *, since: date) -> None:
        super().__init__(f"Raw events are kept since {since}.")
        self.since = since


def totals_for(experiment_id: UUID) -> Totals:
    """Return an experiment's totals over its whole life, from the daily counts: a few rows."""
    rows = (
        DailyCount.objects.filter(experiment_id=experiment_id)
        .values_list("variant_id", "kind")
        .annotate(events=Sum("events"), visitors=Sum("visitors"))
    )
    totals: dict[UUID, dict[str, Tally]] = defaultdict(dict)
    for variant_id, kind, events, visitors in rows:
        totals[variant_id][kind] = Tally(events, visitors)
    return totals


def visitors_by_experiment(experiment_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how many visitors each experiment has, in one query; absent where nobody came."""
    rows = (
        DailyCount.objects.filter(experiment_id__in=experiment_ids, kind=EXPOSURE)
        .values_list("experiment_id")
        .annotate(visitors=Sum("visitors"))
    )
    return dict(rows)


def totals_between(experiment_id: UUID, first: date | None, last: date | None) -> Totals:
    """Return the totals of the events between two UTC days, both included; None leaves a side open.

    A visitor counts if anything of theirs lies in the range, however early their first visit was.
    Daily counts can't know that (a visitor's first occurrence is on one day only), so the raw
    events are counted: exact, but in time that grows with the months that the range touches. Raises
    EventsPruned if it touches events that are no longer kept.
    """
    events = Event.objects.filter(_within(first, last), experiment_id=experiment_id)
    shapes = {
        EXPOSURE: Q(),
        CONVERSION: Q(event_type__in=GOAL_TYPES),
        **{event_type.value: Q(event_type=event_type) for event_type in EventType},
    }
    rows = events.values("variant_id").annotate(
        **{f"{kind}_events": Count("id", filter=shape) for kind, shape in shapes.items()},
        **{
            f"{kind}_visitors": Count("visitor_id", filter=shape, distinct=True)
            for kind, shape in shapes.items()
        },
    )
    with store.reading_whole_tables():
        totals = {
            row["variant_id"]: {
                kind: Tally(row[f"{kind}_events"], row[f"{kind}_visitors"]) for kind in shapes
            }
            # The annotations' names are made above, which the type checker can't follow.
            for row in cast("Iterable[dict[str, Any]]", rows)
        }
    # Asked only now: that a month is to be pruned is written down before its events go.
    _require_unpruned(experiment_id, first, last)
    return totals


def _within(first: date | None, last: date | None) -> Q:
    """Return the condition that an event lies in the days, and so in the partitions of months."""
    condition = Q()
    if first is not None:
        began = datetime.combine(first, time.min, tzinfo=UTC)
        condition &= Q(month__gte=month_of(first), created_at__gte=began)
    if last is not None and last < date.max:
        ended = datetime.combine(last + timedelta(days=1), time.min, tzinfo=UTC)
        condition &= Q(month__lte=month_of(last), created_at__lt=ended)
    return condition


def _require_unpruned(experiment_id: UUID, first: date | None, last: date | None) -> None:
    """Raise EventsPruned if the experiment counted events in the days that are no longer kept."""
    pruned = list(PrunedMonth.objects.order_by("month").values_list("month", flat=True))
    if not pruned:
        return
    days = DailyCount.objects.filter(in_months("day", pruned), experiment_id=experiment_id)
    if first is not None:
        days = days.filter(day__gte=first)
    if last is not None:
        days = days.filter(day__lte=last)
    if days.exists():
        raise EventsPruned(since=next_month(pruned[-1]))


def pruned_months_of(experiment_id: UUID, *, phase: int | None = None) -> list[date]:
    """Return the months in which an experiment, or a phase, counted events that are now gone."""
    pruned = list(PrunedMonth.objects.values_list("month", flat=True))
    if not pruned:
        return []
    days = DailyCount.objects.filter(in_months("day", pruned), experiment_id=experiment_id)
    if phase is not None:
        days = days.filter(phase=phase)
    return list(days.dates("day", "month"))


def first_day_of(experiment_id: UUID) -> date | None:
    """Return the UTC day of an experiment's first counted event."""
    first: date | None = DailyCount.objects.filter(experiment_id=experiment_id).aggregate(
        first=Min("day")
    )["first"]
    return first
