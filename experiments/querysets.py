"""Reads that the experiments' models offer everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from experiments.lifecycle import Status

if TYPE_CHECKING:
    from experiments.models import ApiToken, Experiment  # noqa: F401  (named in the base classes)


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def newest_first(self) -> ExperimentQuerySet:
        return self.order_by("-created_at", "-id")

    def with_variants(self) -> ExperimentQuerySet:
        """Fetch the variants too, in their order, by one further query."""
        return self.prefetch_related("variants")

    def running(self) -> ExperimentQuerySet:
        """Those that serve their variants and count: active, and paused for whom they have."""
        return self.filter(status__in=(Status.ACTIVE, Status.PAUSED))


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self) -> ApiTokenQuerySet:
        return self.filter(revoked_at__isnull=True)
