"""What an experiment wants of its visitors: goals, and what reaches them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from experiments.event_types import EventType
from experiments.models.experiment import Experiment


class GoalRole(models.TextChoices):
    """What a goal is for: the verdict is about the primary one; a guardrail may stop the test."""

    PRIMARY = "primary", gettext_lazy("Primary goal")
    SECONDARY = "secondary", gettext_lazy("Secondary goal")
    GUARDRAIL = "guardrail", gettext_lazy("Guardrail")


class GoalMeasure(models.TextChoices):
    """What is compared: the share of visitors who reach a goal, or a number summed by visitor."""

    CONVERSION = "conversion", gettext_lazy("Share of visitors")
    SUM = "sum", gettext_lazy("Sum by visitor")


class Direction(models.TextChoices):
    INCREASE = "increase", gettext_lazy("Increase")
    DECREASE = "decrease", gettext_lazy("Decrease")


class Goal(models.Model):
    """Event types, with conditions on an event's metadata, that reach what staff want."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    # goal_position_once finds an experiment's goals, and in their order.
    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="goals", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=9, choices=GoalRole.choices)
    measure = models.CharField(
        max_length=10, choices=GoalMeasure.choices, default=GoalMeasure.CONVERSION
    )
    event_types = ArrayField(models.CharField(max_length=12, choices=EventType.choices))
    # [{"key": "depth", "operator": ">=", "value": 75}]; an event must meet all of them.
    conditions = models.JSONField(default=list, blank=True)
    # Of a sum: the metadata key whose number is added up.
    value_key = models.CharField(max_length=64, blank=True)
    # Of a guardrail: which way is harm.
    harm = models.CharField(max_length=8, choices=Direction.choices, blank=True)
    # The kind under which this goal is counted.
    kind = models.CharField(max_length=40)
    created_at = models.DateTimeField(db_default=Now())
    # Of a goal that was added to a started experiment: events before this moment are counted from
    # the raw events, once; `backfilled_at` says when that was done. None: counted from the start.
    counted_since = models.DateTimeField(null=True, blank=True)
    backfilled_at = models.DateTimeField(null=True, blank=True)
    # Months that the experiment counted in, and that were pruned before this goal came.
    missing_months = ArrayField(models.DateField(), default=list, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="goal_position_once",
                fields=["experiment", "position"],
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(name="goal_kind_once", fields=["experiment", "kind"]),
            models.UniqueConstraint(
                name="goal_one_primary",
                fields=["experiment"],
                condition=Q(role=GoalRole.PRIMARY),
                violation_error_message=gettext_lazy("An experiment has one primary goal."),
            ),
            models.CheckConstraint(name="goal_role_known", condition=Q(role__in=GoalRole.values)),
            models.CheckConstraint(
                name="goal_event_types_known",
                condition=Q(event_types__contained_by=EventType.values, event_types__len__gte=1),
            ),
            models.CheckConstraint(
                name="goal_sum_has_value_key",
                condition=Q(measure=GoalMeasure.CONVERSION, value_key="")
                | (Q(measure=GoalMeasure.SUM) & ~Q(value_key="")),
            ),
            models.CheckConstraint(
                # Verdicts are about shares of visitors.
                name="goal_primary_is_a_share",
                condition=~Q(role=GoalRole.PRIMARY) | Q(measure=GoalMeasure.CONVERSION),
            ),
            models.CheckConstraint(
                name="goal_guardrail_has_harm",
                condition=Q(role=GoalRole.GUARDRAIL, harm__in=Direction.values)
                | (~Q(role=GoalRole.GUARDRAIL) & Q(harm="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
