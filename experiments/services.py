"""Writes to experiments. Each is one transaction: all of it happens, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from experiments import content as page_content
from experiments import store
from experiments.goals import add_default_goal
from experiments.keeper import keeper
from experiments.lifecycle import Status, Transition, target_of, transition_to
from experiments.models import Experiment, Variant
from experiments.models.phase import PhaseCause
from experiments.phases import end_phase, open_phase

MIN_VARIANTS, MAX_VARIANTS = 2, 10


class Refused(Exception):
    """A write that would break a rule of the product; the message is a sentence for people."""


class InvalidSplit(Refused):
    """A traffic split that no experiment, or not this one, could have."""


class EditConflict(Refused):
    """Somebody else saved between this editor's reading and saving."""


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant as an editor gives it. `id` names an existing one; None makes a new one."""

    name: str
    weight: int
    description: str = ""
    content: Mapping[str, str] = field(default_factory=dict)
    id: UUID | None = None


@transaction.atomic
def create_experiment(
    *,
    name: str,
    variants: Sequence[VariantDraft],
    description: str = "",
    start: bool = False,
    experiment_id: UUID | None = None,
) -> Experiment:
    """Make a draft, or with `start` an active experiment. Raises Refused."""
    _require_sound_split([draft.weight for draft in variants])
    store.lock_configuration()
    experiment = Experiment(name=name, description=description)
    if experiment_id is not None:
        experiment.id = experiment_id
    experiment.save(force_insert=True)
    _write_variants(experiment, variants)
    add_default_goal(experiment)
    if start:
        _apply_transition(experiment, Transition.START, winner=None)
    _save(experiment)
    return experiment


@transaction.atomic
def update_experiment(
    *,
    experiment_id: UUID,
    name: str | None = None,
    description: str | None = None,
    status: Status | None = None,
    traffic_split: Sequence[int] | None = None,
    variants: Sequence[VariantDraft] | None = None,
    version: int | None = None,
) -> Experiment:
    """Change what is given and leave the rest.

    `version` is what the editor has read; None saves whatever others did meanwhile. Raises
    Experiment.DoesNotExist, EditConflict, TransitionForbidden, and Refused for a variant set or a
    split that can't be.
    """
    experiment = _locked(experiment_id, version)
    is_touched = any(given is not None for given in (name, description, traffic_split, variants))
    if not is_touched and status in (None, experiment.status):
        return experiment
    if name is not None:
        experiment.name = name
    if description is not None:
        experiment.description = description
    if traffic_split is not None:
        _change_split(experiment, traffic_split)
    if variants is not None:
        _change_variants(experiment, variants)
    if status is not None and status != experiment.status:
        _apply_transition(experiment, transition_to(experiment.status, status), winner=None)
    elif experiment.status in (Status.ACTIVE, Status.PAUSED):
        _require_own_content(experiment)
    _save(experiment)
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
    experiment = _locked(experiment_id, version)
    winner = None
    if winner_id is not None:
        winner = experiment.variants.filter(pk=winner_id).first()
        if winner is None:
            raise Refused("The winner must be one of the experiment's own variants.")
    _apply_transition(experiment, transition, winner=winner)
    _save(experiment)
    return experiment


def _locked(experiment_id: UUID, version: int | None) -> Experiment:
    # All experiments, not this one alone: whether it may run depends on the others, and two writers
    # who each lock their own and then look at the other's would wait in a circle.
    store.lock_configuration()
    experiment = Experiment.objects.get(pk=experiment_id)
    if version is not None and version != experiment.version:
        raise EditConflict(
            "Somebody else saved this experiment while you were editing. Nothing of yours was "
            "saved: compare with the current state, then save again."
        )
    return experiment


def _save(experiment: Experiment) -> None:
    experiment.version += 1
    experiment.updated_at = timezone.now()
    experiment.save()
    # Whoever saved sees the effect on the next page; other processes follow within a second.
    transaction.on_commit(keeper.refresh_quietly)


def _apply_transition(
    experiment: Experiment, transition: Transition, *, winner: Variant | None
) -> None:
    experiment.status = target_of(experiment.status, transition)
    now = timezone.now()
    if transition is Transition.START:
        experiment.started_at = now
        open_phase(experiment, PhaseCause.START)
    if transition is Transition.COMPLETE:
        experiment.completed_at = now
        experiment.winner = winner
        end_phase(experiment)
    else:
        _require_own_content(experiment)


def _change_split(experiment: Experiment, traffic_split: Sequence[int]) -> None:
    _require_unfinished(experiment)
    variants = list(experiment.variants.all())
    if len(traffic_split) != len(variants):
        raise InvalidSplit(
            f"The traffic split has {len(traffic_split)} parts for {len(variants)} variants."
        )
    _require_sound_split(traffic_split)
    for variant, weight in zip(variants, traffic_split, strict=True):
        variant.weight = weight
    Variant.objects.bulk_update(variants, ["weight"])


def _change_variants(experiment: Experiment, drafts: Sequence[VariantDraft]) -> None:
    _require_unfinished(experiment)
    _require_sound_split([draft.weight for draft in drafts])
    existing = [variant.id for variant in experiment.variants.all()]
    if experiment.status != Status.DRAFT and existing != [draft.id for draft in drafts]:
        raise Refused(
            "Variants can be added, removed or reordered only while the experiment is a draft: "
            "visitors already have theirs."
        )
    _write_variants(experiment, drafts)


def _write_variants(experiment: Experiment, drafts: Sequence[VariantDraft]) -> None:
    for draft in drafts:
        for problem in page_content.content_errors(draft.content).values():
            raise Refused(f"{draft.name}: {problem}")
    kept = {variant.id: variant for variant in experiment.variants.all()}
    for position, draft in enumerate(drafts):
        variant = kept.pop(draft.id, None) if draft.id else None
        variant = variant or Variant(experiment=experiment)
        variant.position = position
        variant.name, variant.description = draft.name, draft.description
        variant.weight, variant.content = draft.weight, dict(draft.content)
        variant.save()
    for variant in kept.values():
        variant.delete()


def _require_unfinished(experiment: Experiment) -> None:
    if experiment.status == Status.COMPLETED:
        raise Refused(
            "A completed experiment's variants and traffic split are its record and can't change."
        )


def split_problem(weights: Sequence[int]) -> str | None:
    """Return what is wrong with a traffic split, as a sentence, or None."""
    if not MIN_VARIANTS <= len(weights) <= MAX_VARIANTS:
        return (
            f"An experiment has {MIN_VARIANTS} to {MAX_VARIANTS} variants; this has {len(weights)}."
        )
    if any(not 0 <= weight <= 100 for weight in weights):
        return "Each part of the traffic split is between 0 and 100 percent."
    total = sum(weights)
    if total != 100:
        gap = f"{100 - total} short" if total < 100 else f"{total - 100} too many"
        return f"The traffic split must sum to 100; it sums to {total}, {gap}."
    return None


def _require_sound_split(weights: Sequence[int]) -> None:
    problem = split_problem(weights)
    if problem:
        raise InvalidSplit(problem)


def _require_own_content(experiment: Experiment) -> None:
    """Two running experiments on one content key would each spoil what the other measures."""
    mine = _content_keys(experiment)
    for other in Experiment.objects.running().with_variants().exclude(pk=experiment.pk):
        shared = mine & _content_keys(other)
        if shared:
            raise Refused(
                f"“{other.name}” is running and changes {page_content.labels_of(shared)} too. "
                "Complete it first, or leave that content out of one of the two."
            )


def _content_keys(experiment: Experiment) -> set[str]:
    return {key for variant in experiment.variants.all() for key in variant.content}
