"""An experiment's results by phase: what may be compared, goal by goal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.utils import timezone

from experiments.models import Experiment, Goal, Phase
from experiments.models.goal import GoalMeasure, GoalRole
from metrics.counts import NONE, Totals
from metrics.kinds import EXPOSURE, left_out_kind
from metrics.phase_counts import PhaseCounts, Sums, counts_by_place, sums_by_place
from metrics.results import VariantResult, variant_result
from metrics.stats.types import Arm, Sample

_NO_SUMS = Sums(Decimal(0), Decimal(0))
_NO_COUNTS = PhaseCounts({}, {}, {})
# What no phase has for a number.
_NO_PHASE = 0


@dataclass(frozen=True, slots=True)
class GoalResult:
    """One goal's figures in a phase, by variant in order.

    Conversions are visitors who reached the goal; of a sum, visitors with a number to add up.
    `samples` has the visitors' totals of a sum, 0 for those without; None for a share.
    `left_out` counts the events whose value was no number that a sum takes.
    """

    goal: Goal
    arms: tuple[Arm, ...]
    samples: tuple[Sample, ...] | None
    totals: tuple[Decimal, ...] | None
    left_out: int

    @property
    def is_counting_its_past(self) -> bool:
        """Whether what came before the goal was added is still to be counted."""
        return self.goal.counted_since is not None and self.goal.backfilled_at is None

    @property
    def missing_months(self) -> Sequence[date]:
        """The months, as their first days, whose raw events were gone when the goal was added."""
        return self.goal.missing_months


@dataclass(frozen=True, slots=True)
class PhaseResults:
    """What happened in one phase. Everything by variant is in the variants' order.

    `phase` is None for a draft, which has none. `weights` is the phase's traffic split in percent;
    0 for variants that came later. `full_days` are the whole days since the phase began, or those
    that it had. `visitors_by_day` has the new visitors of each UTC day with any, oldest first.
    `totals` are those of all phases together.
    """

    experiment: Experiment
    phase: Phase | None
    variants: tuple[VariantResult, ...]
    goals: tuple[GoalResult, ...]
    weights: tuple[int, ...]
    full_days: int
    visitors_by_day: tuple[tuple[int, ...], ...]
    totals: Totals

    @property
    def number(self) -> int:
        return self.phase.number if self.phase else 1

    @property
    def primary(self) -> GoalResult:
        return next(result for result in self.goals if result.goal.role == GoalRole.PRIMARY)

    @property
    def secondary(self) -> tuple[GoalResult, ...]:
        return tuple(r for r in self.goals if r.goal.role == GoalRole.SECONDARY)

    @property
    def guardrails(self) -> tuple[GoalResult, ...]:
        return tuple(r for r in self.goals if r.goal.role == GoalRole.GUARDRAIL)

    @property
    def total_visitors(self) -> int:
        return sum(variant.visitors for variant in self.variants)

    @property
    def visitors_of_all_phases(self) -> int:
        return sum(kinds.get(EXPOSURE, NONE).visitors for kinds in self.totals.values())


def phase_results_for(experiment: Experiment, *, phase: int | None = None) -> PhaseResults:
    """Return the results of one phase, by its number; of the current or last one without.

    Raises Phase.DoesNotExist, and ValueError for counts that can't be.
    """
    return _results([experiment], phase)[experiment.id]


def current_results_for(experiments: Sequence[Experiment]) -> dict[UUID, PhaseResults]:
    """Return the results of each experiment's current or last phase, in a few queries for all."""
    return _results(experiments, None)


def _results(experiments: Sequence[Experiment], number: int | None) -> dict[UUID, PhaseResults]:
    prefetch_related_objects(list(experiments), "variants", "goals", "phases")
    phases = {experiment.id: _phase(experiment, number) for experiment in experiments}
    places = [(id_, phase.number if phase else _NO_PHASE) for id_, phase in phases.items()]
    with_sums = _with_sums(experiments)
    # Sums first: whoever is in them is in the counts, so that no visitor has more than one value.
    sums = sums_by_place([place for place in places if place[0] in with_sums])
    counts = counts_by_place(places)
    return {
        experiment.id: _result(
            experiment, phases[experiment.id], counts.get(experiment.id, _NO_COUNTS), sums
        )
        for experiment in experiments
    }


def _result(
    experiment: Experiment,
    phase: Phase | None,
    counts: PhaseCounts,
    sums: Mapping[tuple[UUID, str], Sums],
) -> PhaseResults:
    variants = experiment.variants.all()
    return PhaseResults(
        experiment=experiment,
        phase=phase,
        variants=tuple(variant_result(variant, counts.totals) for variant in variants),
        goals=tuple(
            _goal_result(goal, experiment, counts.totals, sums) for goal in experiment.goals.all()
        ),
        weights=_weights(experiment, phase),
        full_days=_full_days(phase),
        visitors_by_day=tuple(
            tuple(arrived.get(variant.id, 0) for variant in variants)
            for _day, arrived in sorted(counts.visitors_by_day.items())
        ),
        totals=counts.of_all_phases,
    )


def _with_sums(experiments: Sequence[Experiment]) -> Collection[UUID]:
    return {e.id for e in experiments for g in e.goals.all() if g.measure == GoalMeasure.SUM}


def _phase(experiment: Experiment, number: int | None) -> Phase | None:
    phases = list(experiment.phases.all())
    if number is None:
        return phases[-1] if phases else None
    for phase in phases:
        if phase.number == number:
            return phase
    raise Phase.DoesNotExist(f"The experiment has no phase {number}.")


def _weights(experiment: Experiment, phase: Phase | None) -> tuple[int, ...]:
    if phase is None:
        return tuple(variant.weight for variant in experiment.variants.all())
    return tuple(phase.weights.get(str(v.id), 0) for v in experiment.variants.all())


def _full_days(phase: Phase | None) -> int:
    if phase is None:
        return 0
    return max((phase.ended_at or timezone.now()) - phase.started_at, timedelta()).days


def _goal_result(
    goal: Goal, experiment: Experiment, totals: Totals, sums: Mapping[tuple[UUID, str], Sums]
) -> GoalResult:
    tallies = [totals.get(variant.id, {}) for variant in experiment.variants.all()]
    visitors = [kinds.get(EXPOSURE, NONE).visitors for kinds in tallies]
    arms = tuple(
        Arm(n, kinds.get(goal.kind, NONE).visitors)
        for n, kinds in zip(visitors, tallies, strict=True)
    )
    if goal.measure != GoalMeasure.SUM:
        return GoalResult(goal, arms, None, None, 0)
    own = [sums.get((variant.id, goal.kind), _NO_SUMS) for variant in experiment.variants.all()]
    return GoalResult(
        goal,
        arms,
        samples=tuple(sample_of(n, s) for n, s in zip(visitors, own, strict=True)),
        totals=tuple(s.total for s in own),
        left_out=sum(kinds.get(left_out_kind(goal.kind), NONE).events for kinds in tallies),
    )


def sample_of(n: int, sums: Sums) -> Sample:
    """Return mean and variance of the totals of n visitors, from exact sums."""
    if n == 0:
        return Sample(0, 0.0, 0.0)
    total, squares = Fraction(sums.total), Fraction(sums.squares)
    variance = (squares - total * total / n) / (n - 1) if n > 1 else Fraction(0)
    return Sample(n, float(total / n), float(variance))
