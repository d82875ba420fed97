"""What is made of an experiment at its end, and how that is undone."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from experiments.lifecycle import Decision, Status, Transition, TransitionForbidden
from experiments.models import Experiment, Variant
from experiments.models.phase import PhaseCause
from experiments.phases import open_phase
from experiments.services import apply_transition
from experiments.variants import require_own_content
from experiments.writing import Refused, locked_experiment, save_experiment


@transaction.atomic
def decide_experiment(
    *,
    experiment_id: UUID,
    decision: Decision,
    winner_id: UUID | None = None,
    note: str = "",
    version: int | None = None,
) -> Experiment:
    """Complete a running experiment with a decision; from then on everybody sees what it says.

    `winner_id` goes with SHIP: the treatment that everybody gets. With the others everybody gets
    the control. Raises like services.update_experiment.
    """
    experiment = locked_experiment(experiment_id, version)
    winner = _winner(experiment, winner_id) if decision is Decision.SHIP else None
    if decision is not Decision.SHIP and winner_id is not None:
        raise Refused(_("Only a decision to ship names a winner. The others keep the control."))
    apply_transition(experiment, Transition.COMPLETE, winner=winner)
    experiment.decision, experiment.decision_note = decision, note
    save_experiment(experiment)
    return experiment


def _winner(experiment: Experiment, winner_id: UUID | None) -> Variant:
    found = next((v for v in experiment.variants.all() if v.id == winner_id), None)
    if found is None:
        raise Refused(_("The winner must be one of the experiment's own variants."))
    if found.is_control:
        raise Refused(_("The control can't be shipped: everybody sees it if you keep it."))
    return found


@transaction.atomic
def reopen_experiment(*, experiment_id: UUID, version: int | None = None) -> Experiment:
    """Undo a completion: the experiment goes on as it did before, in a phase of its own.

    A new phase, because meanwhile everybody saw one and the same page. Raises like
    services.update_experiment; Refused too where what it changes is in use by another one now.
    """
    experiment = locked_experiment(experiment_id, version)
    if experiment.status != Status.COMPLETED:
        raise TransitionForbidden(
            _("There is no decision to undo: the experiment isn't completed.")
        )
    # Of those that were completed before this was kept, nobody knows; paused enrols nobody.
    experiment.status = Status(experiment.completed_from or Status.PAUSED)
    experiment.completed_at = None
    experiment.winner = None
    experiment.decision = experiment.decision_note = experiment.completed_from = ""
    experiment.archived_at = None
    require_own_content(experiment)
    open_phase(experiment, PhaseCause.REOPENED)
    save_experiment(experiment)
    return experiment
