"""What happened: raw events, first occurrences, daily counts; and the addresses of leads.

Every table that grows with visitors has `visitor_id` in its primary key, and no foreign key that
the database would have to look up for each event: the ingest statement has checked both ids.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from experiments.event_types import EventType
from experiments.models import Experiment, Variant


class Event(models.Model):
    """One thing that a visitor's browser reported. Append-only; partitioned by UTC month."""

    # The counting statement asks for (visitor, id) in every month, and keeps an id once in each.
    # Results never read raw events; a range of days reads its months from end to end
    # (metrics.counts.totals_between), which is rare.
    pk = models.CompositePrimaryKey("visitor_id", "id", "month")
    visitor_id = models.UUIDField()
    # The client's own id where it sent one, so that a retry is recognised; unique per visitor.
    id = models.UUIDField()
    # First day of the month of created_at: the partition key, which every unique key must contain.
    month = models.DateField()
    experiment = models.ForeignKey(
        Experiment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    event_type = models.CharField(max_length=12, choices=EventType.choices)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The last minutes, for the event stream (metrics.recent). Events come in the order of
            # their moments, so it is enough to know each stretch of the table's first and last one:
            # some hundred kilobytes for ten million events, and nothing that an event would wait
            # for. Without autosummarize, for which events do wait (decision 33).
            BrinIndex(
                fields=["created_at"],
                name="event_by_the_moment",
                pages_per_range=64,
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="event_type_known", condition=Q(event_type__in=EventType.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.id}"


class EventClaim(models.Model):
    """The id of an event received around a month's turn, where two partitions could take it.

    A partition's unique key ends where the partition does. Within minutes of the turn an id is
    claimed here first, so that two copies of one event can't land on both sides of it.
    """

    # The counting statement's claim, once for each id.
    pk = models.CompositePrimaryKey("visitor_id", "id")
    visitor_id = models.UUIDField()
    id = models.UUIDField()
    claimed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class FirstOccurrence(models.Model):
    """That a visitor did a kind of thing in an experiment at all; decides who counts as new."""

    # Decides in the counting statement who is new.
    pk = models.CompositePrimaryKey("visitor_id", "experiment_id", "kind")
    visitor_id = models.UUIDField()
    experiment = models.ForeignKey(
        Experiment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=40)
    variant = models.ForeignKey(
        Variant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    occurred_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.visitor_id} {self.kind}"


class DailyCount(models.Model):
    """Events of a kind on a UTC day, and visitors whose first of that kind it was. Additive."""

    # The counting statement raises a row by the whole key; metrics.counts and metrics.phase_counts
    # read the rows of an experiment, or of a phase of one, by its beginning.
    pk = models.CompositePrimaryKey("experiment_id", "phase", "variant_id", "day", "kind", "slot")
    experiment = models.ForeignKey(
        Experiment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    # The phase in which the visitors were assigned, whenever their events came.
    phase = models.PositiveSmallIntegerField(db_default=1)
    day = models.DateField()
    kind = models.CharField(max_length=40)
    # Processes raise rows of their own, so that their commits don't wait for each other.
    slot = models.PositiveSmallIntegerField()
    events = models.BigIntegerField()
    visitors = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="daily_count_never_negative", condition=Q(events__gte=0, visitors__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.events}"


class PageCount(models.Model):
    """How often the landing page was shown on a UTC day while an experiment ran, and to whom.

    Under the reason `shown` stands the total, under each other one its part. Additive.
    """

    # raise_pages.sql raises a row by the whole key; metrics.shown reads by its beginning.
    pk = models.CompositePrimaryKey("experiment_id", "day", "reason", "slot")
    experiment = models.ForeignKey(
        Experiment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    day = models.DateField()
    reason = models.CharField(max_length=14)
    # As with daily counts: processes raise rows of their own.
    slot = models.PositiveSmallIntegerField()
    pages = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="page_count_never_negative", condition=Q(pages__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}: {self.pages}"


class VisitorTotal(models.Model):
    """What a visitor's events add up to for a goal that sums a number. Exact."""

    # The counting statement raises it, and so learns by how much the visitor's square grows.
    pk = models.CompositePrimaryKey("visitor_id", "experiment_id", "kind")
    visitor_id = models.UUIDField()
    experiment = models.ForeignKey(
        Experiment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=40)
    total = models.DecimalField(max_digits=40, decimal_places=6)
    # How much of it came from events that were pruned since.
    pruned = models.DecimalField(max_digits=40, decimal_places=6, db_default=0)

    def __str__(self) -> str:
        return f"{self.visitor_id} {self.kind}: {self.total}"


class DailySum(models.Model):
    """What a UTC day's events added to the visitors' totals, and to those totals' squares.

    Additive: over all days it is the sum of the visitors' totals, and of their squares.
    """

    # The counting statement raises a row by the whole key; metrics.phase_counts reads the rows of a
    # phase by its beginning.
    pk = models.CompositePrimaryKey("experiment_id", "phase", "variant_id", "day", "kind", "slot")
    experiment = models.ForeignKey(
        Experiment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    phase = models.PositiveSmallIntegerField()
    day = models.DateField()
    kind = models.CharField(max_length=40)
    slot = models.PositiveSmallIntegerField()
    total = models.DecimalField(max_digits=40, decimal_places=6)
    squares = models.DecimalField(max_digits=80, decimal_places=12)

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.total}"


class PlannedLook(models.Model):
    """The one look at a phase's planned end: taken once, and never tested again."""

    # The primary key finds an experiment's looks.
    pk = models.CompositePrimaryKey("experiment_id", "phase")
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, db_index=False)
    phase = models.PositiveSmallIntegerField()
    taken_at = models.DateTimeField(db_default=Now())
    # What was counted then and what followed from it, as metrics.stats.verdict gave it.
    outcome = models.JSONField()

    def __str__(self) -> str:
        return f"{self.experiment_id}, phase {self.phase}"


class PrunedMonth(models.Model):
    """A month whose raw events were dropped. Its counts stay, and can't be recounted any more."""

    month = models.DateField(primary_key=True)
    # What the daily counts said of it then, and say on: all that is left of these events.
    events = models.BigIntegerField()
    pruned_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Lead(models.Model):
    """An address left in the sign-up form. Holds no visitor id: it can't be joined to a visit."""

    email = models.EmailField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # The dashboard's list, a page of it at a time.
            models.Index(fields=["-created_at", "-id"], name="lead_newest_first"),
        ]
        # Also the index of leads.add_lead, which keeps an address once.
        constraints = [models.UniqueConstraint(Lower("email"), name="lead_email_once")]

    def __str__(self) -> str:
        return self.email
