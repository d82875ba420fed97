"""What a page's past visitors tell a plan: how many come in a day, and how many reach a goal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from experiments.goal_drafts import OWN_KIND
from experiments.models import Goal
from metrics.kinds import EXPOSURE
from metrics.models import DailyCount
from metrics.stats.types import Arm

DAYS = 28
# Fewer visitors or conversions than this tell too little to plan by.
MIN_VISITORS, MIN_CONVERSIONS = 100, 10


@dataclass(frozen=True, slots=True)
class Traffic:
    """New visitors a day, on average over so many of the last days."""

    visitors_per_day: float
    days: int


def recent_traffic(page_id: UUID, today: date | None = None) -> Traffic | None:
    """Return how many new visitors came to a page in a day of the last 28; None if nobody did.

    A visitor takes part in every experiment that runs on the page, so a day's visitors are those of
    the one that counted most. Today isn't over: it counts only where there is no other day.
    """
    until = today or timezone.now().date()
    rows = (
        _counts_of(page_id, until)
        .filter(kind=EXPOSURE)
        .values_list("day", "experiment_id")
        .annotate(new_visitors=Sum("visitors"))
    )
    by_day: dict[date, int] = defaultdict(int)
    for day, _, visitors in rows:
        by_day[day] = max(by_day[day], visitors)
    if not any(by_day.values()):
        return None
    first = min(by_day)
    days = max((until - first).days, 1)
    counted = sum(visitors for day, visitors in by_day.items() if day < until or first == until)
    return Traffic(counted / days, days)


def recent_baseline(goal: Goal, today: date | None = None) -> Arm | None:
    """Return how many visitors of controls reached this goal in the last 28 days.

    The controls of all experiments on the same page that count a goal of the same definition,
    together. None where too few did to plan by.
    """
    until = today or timezone.now().date()
    totals = (
        _counts_of(goal.experiment.page_id, until)
        .filter(_visitors_and_conversions(goal), variant__position=0)
        .values_list("kind")
        .annotate(reached=Sum("visitors"))
    )
    visitors = conversions = 0
    for kind, reached in totals:
        if kind == EXPOSURE:
            visitors += reached
        else:
            conversions += reached
    if visitors < MIN_VISITORS or conversions < MIN_CONVERSIONS:
        return None
    # At the window's edge, visitors of earlier days still convert.
    return Arm(visitors, min(conversions, visitors))


def _counts_of(page_id: UUID, until: date) -> QuerySet[DailyCount]:
    """Return what was counted of a page's experiments. Other pages have other visitors."""
    return DailyCount.objects.filter(
        experiment__page=page_id, day__gte=until - timedelta(days=DAYS)
    )


def _visitors_and_conversions(goal: Goal) -> Q:
    """Return the condition that a count is of goals defined alike, or of who could reach them."""
    if not goal.kind.startswith(OWN_KIND):
        # Every experiment counts it, whatever its own goals are.
        return Q(kind__in=(goal.kind, EXPOSURE))
    alike = Goal.objects.filter(
        experiment=OuterRef("experiment"),
        event_types=goal.event_types,
        conditions=goal.conditions,
        measure=goal.measure,
    )
    reached = Exists(alike.filter(kind=OuterRef("kind")))
    return Q(Exists(alike)) & (Q(reached) | Q(kind=EXPOSURE))
