"""Reads of what was counted by phase: totals of many experiments at once, sums, and days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, F, Q, Sum, When

from metrics.counts import NONE, Tally, Totals
from metrics.kinds import EXPOSURE
from metrics.models import DailyCount, DailySum

# (experiment id, number of the phase)
Place = tuple[UUID, int]


class Sums(NamedTuple):
    """The sum of visitors' totals, and of the squares of those totals. Exact."""

    total: Decimal
    squares: Decimal


@dataclass(frozen=True, slots=True)
class DayVisitors:
    """One variant's visitors whose first of a kind was on a UTC day."""

    day: date
    variant_id: UUID
    kind: str
    visitors: int


@dataclass(frozen=True, slots=True)
class PhaseCounts:
    """What was counted in one phase: totals, and the new visitors of each UTC day that had any."""

    totals: Totals
    visitors_by_day: Mapping[date, Mapping[UUID, int]]


def counts_by_place(places: Collection[Place]) -> Mapping[UUID, PhaseCounts]:
    """Return the counts of a phase of each experiment, by experiment, in one query.

    Those without any are left out.
    """
    rows = (
        DailyCount.objects.filter(_at(places))
        # Of exposures day by day, as the sample ratio is looked at; all else in one row.
        .annotate(arrived=Case(When(kind=EXPOSURE, then=F("day"))))
        .values_list("experiment_id", "variant_id", "kind", "arrived")
        .annotate(events=Sum("events"), visitors=Sum("visitors"))
    )
    totals: dict[UUID, dict[UUID, dict[str, Tally]]] = defaultdict(lambda: defaultdict(dict))
    days: dict[UUID, dict[date, dict[UUID, int]]] = defaultdict(lambda: defaultdict(dict))
    for experiment_id, variant_id, kind, arrived, events, visitors in rows:
        before = totals[experiment_id][variant_id].get(kind, NONE)
        totals[experiment_id][variant_id][kind] = Tally(
            before.events + events, before.visitors + visitors
        )
        if arrived is not None:
            days[experiment_id][arrived][variant_id] = visitors
    return {one: PhaseCounts(totals[one], days.get(one, {})) for one in totals}


def sums_by_place(places: Collection[Place]) -> Mapping[tuple[UUID, str], Sums]:
    """Return {(variant id, kind): sums} of a phase of each experiment; no query for no phase."""
    if not places:
        return {}
    rows = (
        DailySum.objects.filter(_at(places))
        .values_list("variant_id", "kind")
        .annotate(total=Sum("total"), squares=Sum("squares"))
    )
    return {(variant_id, kind): Sums(total, squares) for variant_id, kind, total, squares in rows}


def days_of(experiment_id: UUID, phase: int, kinds: Iterable[str]) -> list[DayVisitors]:
    """Return each day's new visitors of exposure and of these kinds, oldest day first."""
    rows = (
        DailyCount.objects.filter(
            experiment_id=experiment_id, phase=phase, kind__in={EXPOSURE, *kinds}
        )
        .values_list("day", "variant_id", "kind")
        .annotate(visitors=Sum("visitors"))
        .order_by("day", "variant_id", "kind")
    )
    return [DayVisitors(*row) for row in rows]


def _at(places: Collection[Place]) -> Q:
    condition = Q(pk__in=[])
    for experiment_id, phase in places:
        condition |= Q(experiment_id=experiment_id, phase=phase)
    return condition
