"""Raw events that are old enough are dropped, a month at a time; what was counted stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Sum
from django.utils import timezone

from experiments import store
from experiments.models import Goal
from experiments.models.goal import GoalMeasure
from metrics import partitions, recount
from metrics.kinds import EXPOSURE
from metrics.models import DailyCount, EventClaim, PrunedMonth

# A claim keeps apart two copies of an event that are on their way at the same time. Later copies
# are recognised by the event itself.
CLAIM_LIFE = timedelta(days=1)
# Younger events must stay, or the claims of their month's turn would outlive them.
MIN_AGE = CLAIM_LIFE
# Seconds for which a partition that is in use is tried again.
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class OldMonth:
    """A month of raw events: how many were counted in it, and the bytes that they take."""

    month: date
    events: int
    bytes: int


def months_older_than(age: timedelta) -> list[OldMonth]:
    """Return the months whose every event is older, oldest first.

    Among them is what an earlier attempt to prune left half-way.
    """
    horizon = timezone.now() - max(age, MIN_AGE)
    ended = [month for month in partitions.existing_months() if _end_of(month) <= horizon]
    begun = PrunedMonth.objects.values_list("month", flat=True)
    months = sorted({*ended, *(month for month in begun if partitions.size_of(month))})
    return [OldMonth(month, _counted_in(month), partitions.size_of(month)) for month in months]


def prune(old: OldMonth, *, patience: float = PATIENCE) -> None:
    """Drop a month's raw events, and remember that; counts and first occurrences stay.

    Call it within `partitions.dropping`. Raises InUse if the partition stayed in use; what was
    begun, the next attempt finishes.
    """
    # Remembered and committed first: whoever looks for the events and doesn't find them all can
    # then see why. A rebuild of the counts makes this wait, so that it can't miss them either.
    with store.reading_whole_tables():
        _, is_new = PrunedMonth.objects.get_or_create(
            month=old.month, defaults={"events": old.events}
        )
        if is_new and Goal.objects.filter(measure=GoalMeasure.SUM).exists():
            recount.remember_totals(old.month)
    partitions.drop_month(old.month, patience=patience)


def forget_claims() -> int:
    """Delete the claims that no copy of an event can run into; return how many there were."""
    deleted, _ = EventClaim.objects.filter(claimed_at__lt=timezone.now() - CLAIM_LIFE).delete()
    return deleted


def _end_of(month: date) -> datetime:
    return datetime.combine(partitions.next_month(month), time.min, tzinfo=UTC)


def _counted_in(month: date) -> int:
    """Return how many events the daily counts have for a month: a few rows, not the raw ones."""
    days = DailyCount.objects.filter(day__gte=month, day__lt=partitions.next_month(month))
    totals = days.filter(kind=EXPOSURE).aggregate(events=Sum("events", default=0))
    return int(totals["events"])
