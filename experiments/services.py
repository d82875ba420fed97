"""Writes to experiments. Each is one transaction: all of it happens, or none."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments import store
from experiments.goals import add_default_goal
from experiments.lifecycle import Status, Transition, target_of, transition_to
from experiments.models import Experiment, Page, Plan, Variant
from experiments.models.phase import PhaseCause
from experiments.pages import home_page
from experiments.phases import causes_between, end_phase, offers_of, open_phase
from experiments.variants import (
    MAX_VARIANTS,
    MIN_VARIANTS,
    VariantDraft,
    change_split,
    change_variants,
    require_own_content,
    require_sound_split,
    split_problem,
    write_variants,
)
from experiments.writing import (
    EditConflict,
    InvalidSplit,
    Refused,
    locked_experiment,
    require_draft,
    save_experiment,
)

__all__ = [
    "MAX_VARIANTS",
    "MIN_VARIANTS",
    "EditConflict",
    "InvalidSplit",
    "Refused",
    "VariantDraft",
    "create_experiment",
    "split_problem",
    "transition_experiment",
    "update_experiment",
]


@transaction.atomic
def create_experiment(
    *,
    name: str,
    variants: Sequence[VariantDraft],
    description: str = "",
    hypothesis: str = "",
    page: Page | None = None,
    start: bool = False,
    experiment_id: UUID | None = None,
) -> Experiment:
    """Make a draft, or with `start` an active experiment. Raises Refused.

    Without a `page` it is about the one at `/`.
    """
    require_sound_split([draft.weight for draft in variants])
    store.lock_configuration()
    experiment = Experiment(
        page=page or home_page(), name=name, description=description, hypothesis=hypothesis
    )
    if experiment_id is not None:
        experiment.id = experiment_id
    experiment.save(force_insert=True)
    write_variants(experiment, variants)
    add_default_goal(experiment)
    if start:
        apply_transition(experiment, Transition.START, winner=None)
    save_experiment(experiment)
    return experiment


@transaction.atomic
def update_experiment(
    *,
    experiment_id: UUID,
    name: str | None = None,
    description: str | None = None,
    hypothesis: str | None = None,
    page: Page | None = None,
    status: Status | None = None,
    traffic_split: Sequence[int] | None = None,
    variants: Sequence[VariantDraft] | None = None,
    version: int | None = None,
) -> Experiment:
    """Change what is given and leave the rest.

    Of a running experiment, a change of split, of content or of the set of variants opens one new
    phase, whatever it consists of; phases.causes_of_save tells beforehand.

    `version` is what the editor has read; None saves whatever others did meanwhile. Raises
    Experiment.DoesNotExist, EditConflict, TransitionForbidden, and Refused for a variant set or a
    split that can't be.
    """
    experiment = locked_experiment(experiment_id, version)
    given = (name, description, hypothesis, page, traffic_split, variants)
    is_touched = any(value is not None for value in given)
    if not is_touched and status in (None, experiment.status):
        return experiment
    was_running, before = experiment.is_running, offers_of(experiment)
    if name is not None:
        experiment.name = name
    if description is not None:
        experiment.description = description
    if hypothesis is not None:
        experiment.hypothesis = hypothesis
    if page is not None and page.pk != experiment.page_id:
        require_draft(experiment, _("Its page was settled when the experiment started."))
        experiment.page = page
    if traffic_split is not None:
        change_split(experiment, traffic_split)
    if variants is not None:
        change_variants(experiment, variants)
    if status is not None and status != experiment.status:
        apply_transition(experiment, transition_to(experiment.status, status), winner=None)
    elif experiment.is_running:
        require_own_content(experiment)
    # A phase that nobody can enter would be the last one, and empty.
    if was_running and experiment.is_running:
        for cause in causes_between(before, offers_of(experiment))[:1]:
            open_phase(experiment, cause)
    save_experiment(experiment)
    return experiment


@transaction.atomic
def transition_experiment(
    *,
    experiment_id: UUID,
    transition: Transition,
    winner_id: UUID | None = None,
    version: int | None = None,
) -> Experiment:
    """Start, pause, resume or complete. Raises like update_experiment.

    `winner_id` goes with completing: the variant that everybody sees from then on.
    """
    experiment = locked_experiment(experiment_id, version)
    winner = None
    if winner_id is not None:
        winner = experiment.variants.filter(pk=winner_id).first()
        if winner is None:
            raise Refused(_("The winner must be one of the experiment's own variants."))
    apply_transition(experiment, transition, winner=winner)
    save_experiment(experiment)
    return experiment


def apply_transition(
    experiment: Experiment, transition: Transition, *, winner: Variant | None
) -> None:
    """Change the status, and what goes with it, of an experiment that is locked; the caller saves.

    Raises TransitionForbidden and Refused.
    """
    before = experiment.status
    experiment.status = target_of(before, transition)
    # What lives is in sight.
    experiment.archived_at = None
    now = timezone.now()
    if transition is Transition.START:
        experiment.started_at = now
        Plan.objects.filter(experiment=experiment).update(frozen_at=now)
        open_phase(experiment, PhaseCause.START)
    if transition is Transition.COMPLETE:
        experiment.completed_from = before
        experiment.completed_at = now
        experiment.winner = winner
        end_phase(experiment)
    else:
        require_own_content(experiment)
