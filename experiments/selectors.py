"""Reads of experiments, toggles and tokens, each with the queries that it needs and no more."""

from __future__ import annotations

from uuid import UUID

from experiments import store
from experiments.instances import attach_all, attach_one, instance_of
from experiments.models import ApiToken, Experiment, Goal, Page, Phase, Plan, Toggle, Variant
from experiments.querysets import ApiTokenQuerySet, ExperimentQuerySet


def experiments_newest_first() -> ExperimentQuerySet:
    """All experiments with their variants, in two queries however many there are."""
    return Experiment.objects.with_variants().newest_first()


def experiment_by_id(experiment_id: UUID | str) -> Experiment | None:
    """Return an experiment with all that belongs to it, in one query.

    Its page, plan, variants, winner, goals and phases are those of that moment.
    """
    row = store.experiment_row(experiment_id)
    if row is None:
        return None
    experiment = instance_of(Experiment, row["experiment"])
    experiment.page = instance_of(Page, row["page"])
    for name, model in (("variants", Variant), ("goals", Goal), ("phases", Phase)):
        attach_all(experiment, name, [instance_of(model, one) for one in row[name] or ()])
    attach_one(experiment, "plan", instance_of(Plan, row["plan"]) if row["plan"] else None)
    for variant in experiment.variants.all():
        if variant.pk == experiment.winner_id:
            experiment.winner = variant
    return experiment


def toggles_by_key() -> list[Toggle]:
    return list(Toggle.objects.all())


def valid_tokens() -> ApiTokenQuerySet:
    return ApiToken.objects.valid().select_related("created_by")
