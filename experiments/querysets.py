"""Reads that the experiments' models offer everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Max
from django.db.models.functions import Coalesce

from experiments.lifecycle import Status

if TYPE_CHECKING:
    from experiments.models import ApiToken, Experiment  # noqa: F401  (named in the base classes)


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def newest_first(self) -> ExperimentQuerySet:
        return self.order_by("-created_at", "-id")

    def with_variants(self) -> ExperimentQuerySet:
        """Fetch the variants too, in their order, by one further query."""
        return self.prefetch_related("variants")

    def with_goals(self) -> ExperimentQuerySet:
        """Fetch the goals too, in their order, by one further query."""
        return self.prefetch_related("goals")

    def with_phase(self) -> ExperimentQuerySet:
        """Annotate `phase`: the number of the phase under way, or of the last; 1 for a draft."""
        return self.annotate(phase=Coalesce(Max("phases__number"), 1))

    def running(self) -> ExperimentQuerySet:
        """Those that serve their variants and count: active, and paused for whom they have."""
        return self.filter(status__in=(Status.ACTIVE, Status.PAUSED))


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self) -> ApiTokenQuerySet:
        return self.filter(revoked_at__isnull=True)
