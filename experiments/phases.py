"""Phases: what the sample ratio and the results of an experiment are read by."""

from __future__ import annotations

from django.utils import timezone

from experiments.models import Experiment, Phase
from experiments.models.phase import PhaseCause


def open_phase(experiment: Experiment, cause: PhaseCause) -> Phase:
    """End the phase under way, if any, and begin the next one with the variants as they are now.

    Call it in the transaction that makes the change, with the configuration locked.
    """
    end_phase(experiment)
    return Phase.objects.create(
        experiment=experiment,
        number=experiment.phases.count() + 1,
        cause=cause,
        weights={str(variant.id): variant.weight for variant in experiment.variants.all()},
    )


def end_phase(experiment: Experiment) -> None:
    """End the phase under way: the experiment is complete, or another phase follows."""
    experiment.phases.filter(ended_at__isnull=True).update(ended_at=timezone.now())
