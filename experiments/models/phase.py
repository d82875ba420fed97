"""Spans of time in which an experiment asked one and the same question."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy, pgettext_lazy

from experiments.models.experiment import Experiment


class PhaseCause(models.TextChoices):
    START = "start", pgettext_lazy("phase", "Start")
    SPLIT = "split", gettext_lazy("Change of the traffic split")
    CONTENT = "content", gettext_lazy("Change of content")
    VARIANTS = "variants", gettext_lazy("Change of variants")
    REOPENED = "reopened", gettext_lazy("Decision undone")


class Phase(models.Model):
    """From the start, or from a change of split, content or variants, to the next such change.

    Visitors belong to the phase in which they were assigned. Results are read by phase.
    """

    pk = models.CompositePrimaryKey("experiment_id", "number")
    # The primary key finds an experiment's phases.
    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="phases", db_index=False
    )
    # 1, 2, 3 …
    number = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=8, choices=PhaseCause.choices)
    # {variant id: whole percent}: what the sample ratio is checked against.
    weights = models.JSONField()
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                # Also what keeps two phases from being under way at once.
                name="phase_one_under_way",
                fields=["experiment"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="phase_cause_known", condition=Q(cause__in=PhaseCause.values)
            ),
            models.CheckConstraint(name="phase_numbered_from_1", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"Phase {self.number}"
