"""Phases: what the sample ratio and the results of an experiment are read by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from django.utils import timezone

from experiments.models import Experiment, Phase
from experiments.models.phase import PhaseCause


class _Offered(Protocol):
    """What visitors of a variant meet; a new one has no id yet."""

    @property
    def id(self) -> UUID | None: ...
    @property
    def weight(self) -> int: ...
    @property
    def content(self) -> Mapping[str, str]: ...


class Offer(NamedTuple):
    """One variant, as far as a change of it opens a phase."""

    id: UUID | None
    weight: int
    content: Mapping[str, str]


def offers_of(experiment: Experiment) -> tuple[Offer, ...]:
    """Return what an experiment offers its visitors now."""
    return offers_in(list(experiment.variants.all()))


def offers_in(variants: Sequence[_Offered]) -> tuple[Offer, ...]:
    return tuple(Offer(v.id, v.weight, dict(v.content)) for v in variants)


def causes_between(before: Sequence[Offer], after: Sequence[Offer]) -> tuple[PhaseCause, ...]:
    """Return why one offer differs from another, the weightiest cause first; () if it doesn't."""
    kept = {offer.id: offer for offer in before}
    pairs = [(kept[offer.id], offer) for offer in after if offer.id in kept]
    changes = {
        PhaseCause.VARIANTS: [o.id for o in before] != [o.id for o in after],
        PhaseCause.CONTENT: any(old.content != new.content for old, new in pairs),
        PhaseCause.SPLIT: any(old.weight != new.weight for old, new in pairs),
    }
    return tuple(cause for cause, is_changed in changes.items() if is_changed)


def causes_of_save(
    experiment: Experiment,
    *,
    traffic_split: Sequence[int] | None = None,
    variants: Sequence[_Offered] | None = None,
) -> tuple[PhaseCause, ...]:
    """Return why services.update_experiment, given the same, would open a new phase.

    Empty where it wouldn't: nothing that counts is changed, or the experiment doesn't run.
    """
    if not experiment.is_running:
        return ()
    before = after = offers_of(experiment)
    if traffic_split is not None and len(traffic_split) == len(after):
        after = tuple(
            offer._replace(weight=weight)
            for offer, weight in zip(after, traffic_split, strict=True)
        )
    if variants is not None:
        after = offers_in(variants)
    return causes_between(before, after)


def open_phase(experiment: Experiment, cause: PhaseCause) -> Phase:
    """End the phase under way, if any, and begin the next one with the variants as they are now.

    Call it in the transaction that makes the change, with the configuration locked.
    """
    # In this order, so that no moment lies in two phases.
    end_phase(experiment)
    now = timezone.now()
    return Phase.objects.create(
        experiment=experiment,
        number=experiment.phases.count() + 1,
        cause=cause,
        weights={str(variant.id): variant.weight for variant in experiment.variants.all()},
        started_at=(cause is PhaseCause.START and experiment.started_at) or now,
    )


def end_phase(experiment: Experiment) -> None:
    """End the phase under way: the experiment is complete, or another phase follows."""
    experiment.phases.filter(ended_at__isnull=True).update(ended_at=timezone.now())
