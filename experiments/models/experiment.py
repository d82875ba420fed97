"""What is tested, and who sees what: experiments, variants, assignments."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from experiments.lifecycle import Decision, Status
from experiments.models.page import Page
from experiments.querysets import ExperimentQuerySet


class Experiment(models.Model):
    """A question asked of visitors: two to ten variants, and the share of visitors each gets."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    # Nobody looks experiments up by their page; there are few of either.
    page = models.ForeignKey(
        Page, on_delete=models.PROTECT, related_name="experiments", db_index=False
    )
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=1000, blank=True)
    # What its makers expect, and why: “If we …, then … will …, because …”.
    hypothesis = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DRAFT)
    # Nobody looks experiments up by their winner.
    winner = models.ForeignKey(
        "Variant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # What was made of it in the end, and why; empty while it runs, and where the API completed it.
    decision = models.CharField(max_length=12, choices=Decision.choices, blank=True)
    decision_note = models.CharField(max_length=1000, blank=True)
    # The status that undoing the decision leads back to.
    completed_from = models.CharField(max_length=9, choices=Status.choices, blank=True)
    # Set where it is kept, with its results, and left out of lists.
    archived_at = models.DateTimeField(null=True, blank=True)
    # Raised by every save, so that the second of two simultaneous editors is told.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        indexes = [
            # ExperimentQuerySet.newest_first: the API's and the dashboard's lists.
            models.Index(fields=["-created_at", "-id"], name="experiment_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(
                name="experiment_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="experiment_started_unless_draft",
                condition=Q(status=Status.DRAFT) | Q(started_at__isnull=False),
            ),
            models.CheckConstraint(
                name="experiment_completed_at_end",
                condition=Q(status=Status.COMPLETED, completed_at__isnull=False)
                | (~Q(status=Status.COMPLETED) & Q(completed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="experiment_winner_only_when_completed",
                condition=Q(winner__isnull=True) | Q(status=Status.COMPLETED),
            ),
            models.CheckConstraint(
                name="experiment_decided_only_when_completed",
                condition=Q(decision="") | Q(decision__in=Decision.values, status=Status.COMPLETED),
            ),
            models.CheckConstraint(
                # What still runs can't be out of sight.
                name="experiment_archived_only_at_rest",
                condition=Q(archived_at__isnull=True)
                | Q(status__in=(Status.DRAFT, Status.COMPLETED)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        """Whether it serves its variants and counts: active, or paused for whom it has."""
        return self.status in (Status.ACTIVE, Status.PAUSED)


class Variant(models.Model):
    """One version of the page. The variant in position 0 is the control."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    # variant_position_once finds an experiment's variants, and in their order.
    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="variants", db_index=False
    )
    # Rows made in one transaction share their creation time; the order needs a column of its own.
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    # The traffic split's entry for this variant, in whole percent; a running sum decides buckets.
    weight = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    # {content key: text}; a key that is absent keeps the page's default (experiments.content).
    content = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                # Also the index of with_variants, for every list and every snapshot.
                name="variant_position_once",
                fields=["experiment", "position"],
                # Rows may swap places within one transaction.
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(name="variant_weight_percent", condition=Q(weight__lte=100)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_control(self) -> bool:
        return self.position == 0


class Assignment(models.Model):
    """The stored decision which variant a visitor sees; written once, never changed."""

    pk = models.CompositePrimaryKey("visitor_id", "experiment_id")
    visitor_id = models.UUIDField()
    # The only foreign keys of tables that grow with visitors point to configuration. The primary
    # key is the only index: enrolment and the counting statement look by visitor and experiment.
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, db_index=False)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, db_index=False)
    assigned_at = models.DateTimeField(db_default=Now())
    # The phase that was under way; all that the visitor ever does counts in it.
    phase = models.PositiveSmallIntegerField(db_default=1)

    def __str__(self) -> str:
        return f"{self.visitor_id} → {self.variant_id}"
