"""Reads of what was counted by phase: totals of many experiments at once, sums, and days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Sum

from experiments.statements import run
from metrics.counts import Tally
from metrics.kinds import EXPOSURE
from metrics.models import DailyCount
from metrics.sql import statement

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
    """What was counted in one phase, and what in all phases together.

    `visitors_by_day` has the new visitors of each UTC day of the phase that had any.
    """

    totals: dict[UUID, dict[str, Tally]]
    visitors_by_day: dict[date, dict[UUID, int]]
    of_all_phases: dict[UUID, dict[str, Tally]]


def counts_by_place(places: Collection[Place]) -> Mapping[UUID, PhaseCounts]:
    """Return the counts of a phase of each experiment, by experiment, in one query.

    Those without any in whatever phase are left out.
    """
    if not places:
        return {}
    rows = run(statement("phase_counts"), _as_arrays(places))
    found: dict[UUID, PhaseCounts] = {}
    for experiment_id, variant_id, kind, *numbers, days, arrived in rows:
        counts = found.setdefault(experiment_id, PhaseCounts({}, {}, {}))
        counts.of_all_phases.setdefault(variant_id, {})[kind] = Tally(*numbers[:2])
        counts.totals.setdefault(variant_id, {})[kind] = Tally(*numbers[2:])
        for day, visitors in zip(days or (), arrived or (), strict=True):
            that_day = counts.visitors_by_day.setdefault(day, {})
            that_day[variant_id] = that_day.get(variant_id, 0) + visitors
    return found


def sums_by_place(places: Collection[Place]) -> Mapping[tuple[UUID, str], Sums]:
    """Return {(variant id, kind): sums} of a phase of each experiment; no query for no phase."""
    if not places:
        return {}
    rows = run(statement("phase_sums"), _as_arrays(places))
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


def _as_arrays(places: Collection[Place]) -> Mapping[str, list[Any]]:
    ids, phases = zip(*places, strict=True)
    return {"experiments": list(ids), "phases": list(phases)}
