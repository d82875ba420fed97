"""The raw events of the last minutes, newest first: to see whether a tracker's events arrive."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.utils import timezone

from experiments.models import Variant
from metrics import store
from metrics.kinds import EXPOSURE
from metrics.models import DailyCount, Event
from metrics.partitions import day_of, month_of

# How far back is looked, and how many events are shown at most.
REACH = timedelta(minutes=15)
MOST = 100
# The last seconds come first: where much arrives, nothing older needs to be read.
_STEPS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), REACH)
_SILENCE_STEPS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
SILENCE = _SILENCE_STEPS[-1]


@dataclass(frozen=True, slots=True)
class StreamFilter:
    """What is looked for; what is None or empty matches everything."""

    visitor_id: UUID | None = None
    experiment_id: UUID | None = None
    event_type: str = ""

    def conditions(self) -> dict[str, Any]:
        conditions = {
            "visitor_id": self.visitor_id,
            "experiment_id": self.experiment_id,
            "event_type": self.event_type,
        }
        return {name: value for name, value in conditions.items() if value}


EVERYTHING = StreamFilter()


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """One event as it was kept."""

    id: UUID
    created_at: datetime
    event_type: str
    visitor_id: UUID
    experiment_id: UUID
    experiment: str
    variant: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """The newest events of the last minutes, newest first.

    `cursor` is different whenever these are others. `has_more` where more than are shown arrived.
    """

    events: tuple[RecentEvent, ...]
    has_more: bool
    cursor: str

    @property
    def newest_at(self) -> datetime | None:
        return self.events[0].created_at if self.events else None


def recent_events(wanted: StreamFilter = EVERYTHING, *, now: datetime | None = None) -> Stream:
    """Return the newest events that match. Five queries at most; the name of what is gone is ""."""
    now = now or timezone.now()
    rows: list[dict[str, Any]] = []
    with store.reading_little():
        for reach in _STEPS:
            rows = list(_between(now - reach, now, wanted))
            if len(rows) > MOST:
                break
    shown = rows[:MOST]
    names = _names({row["variant_id"] for row in shown})
    return Stream(
        events=tuple(_event(row, names) for row in shown),
        has_more=len(rows) > MOST,
        # By what is shown, not by the newest moment: of two events, the one that is committed
        # later may be the older one.
        cursor=sha256(b"".join(row["id"].bytes for row in shown)).hexdigest()[:16],
    )


def silent_since(experiment_ids: Collection[UUID], *, now: datetime | None = None) -> set[UUID]:
    """Return those of the experiments from which nothing arrived within the last hour.

    Three queries at most, however many there are: whoever was heard a minute ago isn't looked for
    in the hour.
    """
    now = now or timezone.now()
    silent = set(experiment_ids)
    if not silent:
        return silent
    with store.reading_little():
        for reach in _SILENCE_STEPS:
            heard = Event.objects.filter(_within(now - reach, now), experiment_id__in=silent)
            silent -= set(heard.values_list("experiment_id", flat=True).distinct())
            if not silent:
                break
    return silent


def _within(began: datetime, now: datetime) -> Q:
    """Return the condition on the moment, and on the months that can hold it, for the planner."""
    months = {"month__gte": month_of(day_of(began)), "month__lte": month_of(day_of(now))}
    return Q(created_at__gte=began, **months)


def _between(began: datetime, now: datetime, wanted: StreamFilter) -> Any:
    return (
        Event.objects.filter(_within(began, now), **wanted.conditions())
        .order_by("-created_at", "-id")
        .values(
            *("id", "created_at", "event_type", "visitor_id", "experiment_id", "variant_id"),
            "metadata",
        )[: MOST + 1]
    )


def _names(variant_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, str]]:
    """Return {variant id: (the experiment's name, the variant's name)}."""
    rows = Variant.objects.filter(pk__in=variant_ids).values_list("pk", "experiment__name", "name")
    return {pk: (experiment, variant) for pk, experiment, variant in rows}


def _event(row: dict[str, Any], names: Mapping[UUID, tuple[str, str]]) -> RecentEvent:
    experiment, variant = names.get(row["variant_id"], ("", ""))
    return RecentEvent(
        id=row["id"],
        created_at=row["created_at"],
        event_type=row["event_type"],
        visitor_id=row["visitor_id"],
        experiment_id=row["experiment_id"],
        experiment=experiment,
        variant=variant,
        metadata=row["metadata"],
    )


def new_visitors_by_day(
    experiment_ids: Collection[UUID], first: date
) -> Mapping[UUID, Mapping[date, int]]:
    """Return each experiment's new visitors by UTC day, from a day on; days without any are absent.

    One query, from the daily counts.
    """
    rows = (
        DailyCount.objects.filter(experiment_id__in=experiment_ids, kind=EXPOSURE, day__gte=first)
        .values_list("experiment_id", "day")
        .annotate(visitors=Sum("visitors"))
    )
    found: dict[UUID, dict[date, int]] = {id_: {} for id_ in experiment_ids}
    for experiment_id, day, visitors in rows:
        found[experiment_id][day] = visitors
    return found
