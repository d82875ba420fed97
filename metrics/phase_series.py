"""How a goal's figures grew over the days of a phase: what charts are drawn from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from itertools import accumulate
from uuid import UUID

from django.utils import timezone

from experiments.models import Goal
from metrics.kinds import EXPOSURE
from metrics.phase_counts import DayVisitors, days_of
from metrics.phase_results import PhaseResults
from metrics.stats.types import Arm


@dataclass(frozen=True, slots=True)
class Series:
    """Visitors and conversions of one goal up to each UTC day, by variant in order.

    `visitors[variant][day]`, `conversions[variant][day]`. Days without a visitor are there too.
    """

    goal: Goal
    days: tuple[date, ...]
    visitors: tuple[tuple[int, ...], ...]
    conversions: tuple[tuple[int, ...], ...]

    def arms(self, day: int) -> tuple[Arm, ...]:
        """Return the arms as they were at the end of a day, by its place in `days`."""
        # Of a visitor whose events were counted in another order than they happened in, the
        # conversion may lie on the day before the first visit.
        return tuple(
            Arm(visitors[day], min(conversions[day], visitors[day]))
            for visitors, conversions in zip(self.visitors, self.conversions, strict=True)
        )


def series_for(results: PhaseResults, *goals: Goal) -> list[Series]:
    """Return the series of goals, of the primary one where none is named, by one query for all."""
    wanted = list(goals) or [results.primary.goal]
    kinds = {goal.kind for goal in wanted}
    rows = days_of(results.experiment.id, results.number, kinds)
    days = _days(results, rows)
    ids = [variant.variant.id for variant in results.variants]
    grown = _cumulated(rows, days)
    none = (0,) * len(days)
    visitors = tuple(grown.get((i, EXPOSURE), none) for i in ids)
    return [
        Series(goal, days, visitors, tuple(grown.get((i, goal.kind), none) for i in ids))
        for goal in wanted
    ]


def _days(results: PhaseResults, rows: Sequence[DayVisitors]) -> tuple[date, ...]:
    """Return the days from the first visitor's to the phase's last, or to today."""
    if not rows:
        return ()
    ended = results.phase.ended_at if results.phase else None
    last = max((ended or timezone.now()).astimezone(UTC).date(), rows[-1].day)
    first = rows[0].day
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def _cumulated(
    rows: Iterable[DayVisitors], days: Sequence[date]
) -> dict[tuple[UUID, str], tuple[int, ...]]:
    by_day: dict[tuple[UUID, str], dict[date, int]] = defaultdict(dict)
    for row in rows:
        by_day[row.variant_id, row.kind][row.day] = row.visitors
    return {
        place: tuple(accumulate(visitors.get(day, 0) for day in days))
        for place, visitors in by_day.items()
    }
