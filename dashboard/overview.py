"""Experiments as the list shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.actions import Action, actions_for
from dashboard.charts import Stripe, stripes
from experiments.models import Experiment, Variant
from experiments.roles import AnyUser
from metrics.counts import visitors_by_experiment


@dataclass(frozen=True, slots=True)
class Share:
    """A variant with its part of the split bar."""

    variant: Variant
    stripe: Stripe


@dataclass(frozen=True, slots=True)
class Card:
    """One experiment in the list."""

    experiment: Experiment
    visitors: int
    shares: tuple[Share, ...]
    actions: tuple[Action, ...]


def overview_of(experiments: Iterable[Experiment], user: AnyUser) -> list[Card]:
    """Return cards for experiments whose variants are fetched: one query for all of them."""
    shown = list(experiments)
    visitors = visitors_by_experiment([experiment.id for experiment in shown])
    return [
        Card(
            experiment=experiment,
            visitors=visitors.get(experiment.id, 0),
            shares=shares_of(experiment),
            actions=actions_for(experiment, user),
        )
        for experiment in shown
    ]


def shares_of(experiment: Experiment) -> tuple[Share, ...]:
    """Return the variants with their parts of the split bar, in order."""
    variants = list(experiment.variants.all())
    parts = stripes([variant.weight for variant in variants])
    return tuple(Share(variant, part) for variant, part in zip(variants, parts, strict=True))
