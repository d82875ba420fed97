"""Guardrails and secondary goals: each variant's rate, and how it differs from the control's."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.models import Goal, Variant
from experiments.models.goal import Direction, GoalRole
from metrics.phase_results import GoalResult
from metrics.stats.case import treatments_of
from metrics.stats.effect import Effect, watched_effect
from metrics.stats.means import WelchTest, welch_test
from metrics.stats.rules import harm_alpha
from metrics.stats.types import Arm, Sample
from metrics.verdicts import Judgement

SECONDARY_ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class GoalCell:
    """One variant's rate; `effect` is against the control, None for the control itself."""

    variant: Variant
    color: int
    arm: Arm
    effect: Effect | None
    is_worse: bool


@dataclass(frozen=True, slots=True)
class GoalRow:
    """One goal beside the primary one."""

    result: GoalResult
    cells: tuple[GoalCell, ...]
    alpha: float

    @property
    def goal(self) -> Goal:
        return self.result.goal

    @property
    def is_guardrail(self) -> bool:
        return self.goal.role == GoalRole.GUARDRAIL

    @property
    def is_worse(self) -> bool:
        return any(cell.is_worse for cell in self.cells)


@dataclass(frozen=True, slots=True)
class SumCell:
    """One variant's mean by visitor; `test` is against the control, None for the control itself."""

    variant: Variant
    color: int
    sample: Sample
    test: WelchTest | None


@dataclass(frozen=True, slots=True)
class SumRow:
    """One goal that adds a number up."""

    result: GoalResult
    cells: tuple[SumCell, ...]


def goal_rows(judgement: Judgement) -> tuple[GoalRow, ...]:
    """Return the guardrails, then the secondary goals, as far as they are shares of visitors."""
    results = judgement.results
    treatments = max(len(treatments_of(judgement.look)), 1)
    # The verdict's own.
    guarded = harm_alpha(len(results.guardrails), treatments)
    shares = [result for result in results.secondary if result.samples is None]
    return tuple(
        _row(judgement, result, alpha)
        for of_role, alpha in (
            (results.guardrails, guarded),
            (shares, SECONDARY_ALPHA / treatments),
        )
        for result in of_role
    )


def sum_rows(judgement: Judgement) -> tuple[SumRow, ...]:
    """Return the goals that add a number up, compared by Welch's test."""
    return tuple(
        SumRow(
            result,
            tuple(
                SumCell(
                    variant,
                    variant.position,
                    result.samples[place],
                    welch_test(result.samples[judgement.places[0]], result.samples[place])
                    if index
                    else None,
                )
                for index, (variant, place) in enumerate(
                    zip(judgement.variants, judgement.places, strict=True)
                )
            ),
        )
        for result in judgement.results.secondary
        if result.samples is not None
    )


def _row(judgement: Judgement, result: GoalResult, alpha: float) -> GoalRow:
    goal, arms = result.goal, judgement.arms_of(result)
    effects = [None, *(watched_effect(arms[0], arm, alpha) for arm in arms[1:])]
    return GoalRow(
        result=result,
        cells=tuple(
            GoalCell(
                variant=variant,
                color=variant.position,
                arm=arm,
                effect=effect,
                # What is withheld isn't said by a badge either.
                is_worse=not judgement.is_withheld and _is_worse(goal, effect),
            )
            for variant, arm, effect in zip(judgement.variants, arms, effects, strict=True)
        ),
        alpha=alpha,
    )


def _is_worse(goal: Goal, effect: Effect | None) -> bool:
    """Whether a guardrail's interval lies wholly on the bad side."""
    interval = effect.difference_interval if effect else None
    if goal.role != GoalRole.GUARDRAIL or interval is None:
        return False
    return interval.lower > 0 if goal.harm == Direction.INCREASE else interval.upper < 0
