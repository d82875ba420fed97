"""Counts → statistics: what an experiment's page and the API's stats say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from experiments.event_types import EventType
from experiments.models import Experiment, Variant
from metrics import counts
from metrics.counts import NONE, Totals
from metrics.kinds import CONVERSION, EXPOSURE
from metrics.stats.chi_squared import IndependenceTest, independence_test
from metrics.stats.proportions import wilson_interval
from metrics.stats.types import Arm, Interval


@dataclass(frozen=True, slots=True)
class VariantResult:
    """One variant's figures. `rate` is conversions by visitors, None without visitors."""

    variant: Variant
    visitors: int
    conversions: int
    events: int
    events_by_type: Mapping[str, int]
    visitors_by_type: Mapping[str, int]

    @property
    def arm(self) -> Arm:
        return Arm(self.visitors, self.conversions)

    @property
    def rate(self) -> float | None:
        return self.conversions / self.visitors if self.visitors else None

    @property
    def interval(self) -> Interval | None:
        """The rate's 95 % interval (Wilson), None without visitors."""
        return wilson_interval(self.arm) if self.visitors else None


@dataclass(frozen=True, slots=True)
class Results:
    """An experiment's results, variants in order, over all time or the asked UTC days."""

    experiment: Experiment
    variants: tuple[VariantResult, ...]
    test: IndependenceTest

    @property
    def total_visitors(self) -> int:
        return sum(variant.visitors for variant in self.variants)

    @property
    def total_events(self) -> int:
        return sum(variant.events for variant in self.variants)


def results_for(
    experiment: Experiment, *, first: date | None = None, last: date | None = None
) -> Results:
    """Return an experiment's results, between two UTC days (both included) where they are given.

    A range that leaves nothing out is read from the counts as well. Another one needs raw events:
    raises counts.EventsPruned if they are no longer kept.
    """
    return results_from(experiment, _totals(experiment.id, first, last))


def results_from(experiment: Experiment, totals: Totals) -> Results:
    """Return an experiment's results out of its totals."""
    variants = tuple(variant_result(variant, totals) for variant in experiment.variants.all())
    return Results(
        experiment=experiment,
        variants=variants,
        test=independence_test([variant.arm for variant in variants]),
    )


def _totals(experiment_id: UUID, first: date | None, last: date | None) -> Totals:
    began = counts.first_day_of(experiment_id) if first is not None else None
    today = timezone.now().date()
    from_start = first is None or began is None or first <= began
    to_end = last is None or last >= today
    if from_start and to_end:
        return counts.totals_for(experiment_id)
    return counts.totals_between(experiment_id, first, last)


def variant_result(variant: Variant, totals: Totals) -> VariantResult:
    """Return a variant's figures out of the totals of all."""
    kinds = totals.get(variant.id, {})
    exposure = kinds.get(EXPOSURE, NONE)
    return VariantResult(
        variant=variant,
        visitors=exposure.visitors,
        conversions=kinds.get(CONVERSION, NONE).visitors,
        events=exposure.events,
        events_by_type={t.value: kinds.get(t.value, NONE).events for t in EventType},
        visitors_by_type={t.value: kinds.get(t.value, NONE).visitors for t in EventType},
    )
