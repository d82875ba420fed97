"""Experiments as the list shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.actions import Action, actions_for
from dashboard.charts import Stripe, stripes
from dashboard.words import Words, decision_word, words_of
from experiments.models import Experiment, Variant
from experiments.roles import AnyUser
from metrics.phase_results import current_results_for
from metrics.verdicts import Judgement, judgements_for


@dataclass(frozen=True, slots=True)
class Share:
    """A variant with its part of the split bar."""

    variant: Variant
    stripe: Stripe


@dataclass(frozen=True, slots=True)
class Card:
    """One experiment in the list. `verdict` is None while nobody came, `phase` in the first.

    `decision` is what was made of it in the end.
    """

    experiment: Experiment
    visitors: int
    verdict: Words | None
    decision: Words | None
    phase: int | None
    shares: tuple[Share, ...]
    actions: tuple[Action, ...]


def overview_of(experiments: Iterable[Experiment], user: AnyUser) -> list[Card]:
    """Return cards, in as many queries for all of them as for one."""
    shown = list(experiments)
    results = current_results_for(shown)
    judgements = judgements_for(list(results.values()))
    return [
        Card(
            experiment=experiment,
            visitors=results[experiment.id].visitors_of_all_phases,
            verdict=_words(judgements.get(experiment.id)),
            decision=decision_word(experiment),
            phase=number if (number := results[experiment.id].number) > 1 else None,
            shares=shares_of(experiment),
            actions=actions_for(experiment, user),
        )
        for experiment in shown
    ]


def _words(judgement: Judgement | None) -> Words | None:
    return words_of(judgement) if judgement and judgement.verdict.visitors else None


def shares_of(experiment: Experiment) -> tuple[Share, ...]:
    """Return the variants with their parts of the split bar, in order."""
    variants = list(experiment.variants.all())
    parts = stripes([variant.weight for variant in variants])
    return tuple(Share(variant, part) for variant, part in zip(variants, parts, strict=True))
