"""What was expected before the start, and how many visitors it takes to tell."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from experiments.models.experiment import Experiment
from experiments.models.goal import Goal


class Plan(models.Model):
    """An experiment's plan, made before the start and frozen by it.

    Rates, alpha and power are shares of 1; the smallest lift worth having is relative (0.1 is from
    10 % to 11 %, or to 9 %).
    """

    experiment = models.OneToOneField(
        Experiment, on_delete=models.CASCADE, primary_key=True, related_name="plan"
    )
    # The primary goal at the start; nobody looks plans up by it.
    goal = models.ForeignKey(Goal, on_delete=models.RESTRICT, related_name="+", db_index=False)
    baseline_rate = models.FloatField()
    minimum_lift = models.FloatField()
    alpha = models.FloatField(default=0.05)
    power = models.FloatField(default=0.8)
    # The planned sample, of each variant.
    visitors_per_variant = models.PositiveBigIntegerField()
    # The traffic that the days were reckoned with; None where nobody knew.
    visitors_per_day = models.FloatField(null=True, blank=True)
    # Whole weeks; None without traffic to reckon with.
    days = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    # The start. From then on nothing of this changes.
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plan_shares_between_0_and_1",
                condition=Q(baseline_rate__gt=0, baseline_rate__lt=1)
                & Q(alpha__gt=0, alpha__lt=1)
                & Q(power__gt=0, power__lt=1),
            ),
            models.CheckConstraint(
                name="plan_expects_something",
                condition=Q(minimum_lift__gt=0, visitors_per_variant__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visitors_per_variant:,} visitors a variant"
