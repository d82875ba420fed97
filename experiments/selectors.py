"""Reads of experiments, toggles and tokens, each with the queries that it needs and no more."""

from __future__ import annotations

from uuid import UUID

from experiments.models import ApiToken, Experiment, Toggle
from experiments.querysets import ApiTokenQuerySet, ExperimentQuerySet


def experiments_newest_first() -> ExperimentQuerySet:
    """All experiments with their variants, in two queries however many there are."""
    return Experiment.objects.with_variants().newest_first()


def experiment_by_id(experiment_id: UUID | str) -> Experiment | None:
    return (
        Experiment.objects.with_variants()
        .select_related("winner", "page")
        .filter(pk=experiment_id)
        .first()
    )


def toggles_by_key() -> list[Toggle]:
    return list(Toggle.objects.all())


def valid_tokens() -> ApiTokenQuerySet:
    return ApiToken.objects.valid().select_related("created_by")
