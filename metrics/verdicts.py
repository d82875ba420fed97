"""Verdicts: an experiment's counts, plan and phase brought to the rules that decide."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import prefetch_related_objects

from experiments.instances import instance_of
from experiments.models import Experiment, Goal, Phase, Plan, Variant
from experiments.models.goal import Direction as Harm
from experiments.statements import run
from metrics import planning
from metrics.models import PlannedLook as StoredLook
from metrics.phase_results import GoalResult, PhaseResults
from metrics.sql import statement
from metrics.stats import look
from metrics.stats.comparisons import Comparison, compare_all
from metrics.stats.look import Direction, Guardrail, Look
from metrics.stats.outcome import Verdict
from metrics.stats.planned_look import PlannedLook
from metrics.stats.split_check import smallest_p_value
from metrics.stats.types import Arm, Kind, Reason
from metrics.stats.verdict import decide

T = TypeVar("T")

# Where any lift would mislead.
_BELOW_THE_FLOOR = (Reason.TOO_FEW_VISITORS, Reason.TOO_FEW_CONVERSIONS)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What may be said about one phase of an experiment, and what it was decided from.

    `places` are the phase's variants among the experiment's, in the order of the look's arms, the
    control first. `looked_at` is when the look at the planned end was taken.
    """

    results: PhaseResults
    phase: Phase
    places: tuple[int, ...]
    plan: Plan | None
    look: Look
    verdict: Verdict
    looked_at: datetime | None

    @property
    def goal(self) -> Goal:
        """The goal that decides."""
        return self.results.primary.goal

    @property
    def variants(self) -> tuple[Variant, ...]:
        return tuple(self.results.variants[place].variant for place in self.places)

    @property
    def subject(self) -> Variant | None:
        """The variant that the verdict is about."""
        index = self.verdict.subject
        return None if index is None else self.variants[index]

    @property
    def is_withheld(self) -> bool:
        """Whether lifts are kept back: too little to say, or data that can't be trusted."""
        return self.verdict.kind is Kind.DATA_PROBLEM or self.is_below_floor

    @property
    def is_below_floor(self) -> bool:
        """Whether there is too little for any comparison."""
        verdict = self.verdict
        return verdict.kind is Kind.INVALID or verdict.reason in _BELOW_THE_FLOOR

    def arms_of(self, result: GoalResult) -> tuple[Arm, ...]:
        """Return a goal's arms in the order of the look's."""
        return tuple(result.arms[place] for place in self.places)

    def comparisons(self) -> tuple[Comparison, ...]:
        """Compare each treatment with the control, in the order of the arms; takes milliseconds."""
        return compare_all(self.look, rules_of(self.plan), self.verdict.planned_look)


def rules_of(plan: Plan | None) -> look.Plan | None:
    """Return a plan as the rules take it; one that no start has frozen is none."""
    if plan is None or plan.frozen_at is None:
        return None
    return look.Plan(
        per_arm=plan.visitors_per_variant,
        minimum_lift=plan.minimum_lift,
        running_alpha=plan.alpha * planning.RUNNING_SHARE,
        planned_alpha=plan.alpha * planning.PLANNED_SHARE,
    )


def judgement_for(results: PhaseResults) -> Judgement | None:
    """Judge one phase. None for a draft, which has none. One query, and one for a plan not fetched.

    The first look at or past the planned sample is stored, once; later ones are told it.
    """
    return judgements_for([results]).get(results.experiment.id)


def judgements_for(everything: Sequence[PhaseResults]) -> Mapping[UUID, Judgement]:
    """Judge a phase of each experiment, in as many queries as for one. Drafts are left out."""
    begun = [(results, results.phase) for results in everything if results.phase is not None]
    if not begun:
        return {}
    experiments = [results.experiment for results, _ in begun]
    prefetch_related_objects(experiments, "plan")
    stored = {(row.experiment_id, row.phase): row for row in _stored_looks(experiments)}
    return {
        results.experiment.id: _judge(
            results,
            phase,
            getattr(results.experiment, "plan", None),
            stored.get((results.experiment.id, phase.number)),
        )
        for results, phase in begun
    }


def _stored_looks(experiments: Sequence[Experiment]) -> list[StoredLook]:
    ids = [experiment.id for experiment in experiments]
    rows = run(statement("planned_looks"), {"experiments": ids})
    return [instance_of(StoredLook, json.loads(text)) for (text,) in rows]


def _judge(
    results: PhaseResults, phase: Phase, plan: Plan | None, stored: StoredLook | None
) -> Judgement:
    # Variants that came later have no part in an earlier phase.
    places = [n for n, v in enumerate(results.variants) if str(v.variant.id) in phase.weights]

    def of_phase(values: Sequence[T]) -> tuple[T, ...]:
        return tuple(values[place] for place in places)

    weights = of_phase(results.weights)
    # The last day isn't over: its visitors are those of the look itself.
    days = tuple(of_phase(day) for day in results.visitors_by_day[:-1])
    look_now = Look(
        arms=of_phase(results.primary.arms),
        weights=weights,
        # Once raised, the warning stays, though later visitors arrive as the split asks.
        previous_srm_p_value=smallest_p_value(days, weights),
        full_days=results.full_days,
        guardrails=tuple(
            Guardrail(
                result.goal.name,
                of_phase(result.arms),
                Direction.UP if result.goal.harm == Harm.INCREASE else Direction.DOWN,
            )
            for result in results.guardrails
        ),
    )
    rules = rules_of(plan)
    taken = PlannedLook.from_json(stored.outcome) if stored else None
    decided = decide(look_now, rules, taken)
    if decided.is_planned_look and decided.planned_look:
        stored = _store_once(phase, decided.planned_look)
        decided = decide(look_now, rules, PlannedLook.from_json(stored.outcome))
    return Judgement(
        results=results,
        phase=phase,
        places=tuple(places),
        plan=plan if rules else None,
        look=look_now,
        verdict=decided,
        looked_at=stored.taken_at if stored else None,
    )


def _store_once(phase: Phase, taken: PlannedLook) -> StoredLook:
    """Keep the look at the planned end, and return the one that is kept: the first to be stored.

    Two pages opened at once both get here; the key keeps the first, and both go on with it.
    """
    key = {"experiment_id": phase.experiment_id, "phase": phase.number}
    StoredLook.objects.bulk_create(
        [StoredLook(**key, outcome=taken.as_json())], ignore_conflicts=True
    )
    return StoredLook.objects.get(**key)
