"""What all writes to experiments have in common: one at a time, told of each other, or refused."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments import store
from experiments.keeper import keeper
from experiments.lifecycle import Status
from experiments.models import Experiment


class Refused(Exception):
    """A write that would break a rule of the product; the message is a sentence for people."""


class InvalidSplit(Refused):
    """A traffic split that no experiment, or not this one, could have."""


class EditConflict(Refused):
    """Somebody else saved between this editor's reading and saving."""


def locked_experiment(experiment_id: UUID, version: int | None = None) -> Experiment:
    """Return an experiment that nobody else changes until this transaction ends.

    Raises Experiment.DoesNotExist, and EditConflict if `version` isn't the current one.
    """
    # All experiments, not this one alone: whether it may run depends on the others, and two writers
    # who each lock their own and then look at the other's would wait in a circle.
    store.lock_configuration()
    experiment = Experiment.objects.get(pk=experiment_id)
    if version is not None and version != experiment.version:
        raise EditConflict(
            _(
                "Somebody else saved this experiment while you were editing. Nothing of yours was "
                "saved: compare with the current state, then save again."
            )
        )
    return experiment


def require_draft(experiment: Experiment, sentence: str) -> None:
    """Raise Refused with this sentence once an experiment has started."""
    if experiment.status != Status.DRAFT:
        raise Refused(sentence)


def save_experiment(experiment: Experiment) -> None:
    """Save, so that other editors are told and the next page shows it."""
    experiment.version += 1
    experiment.updated_at = timezone.now()
    experiment.save()
    # Whoever saved sees the effect on the next page; other processes follow within a second.
    transaction.on_commit(keeper.refresh_quietly)
