"""The rows of the results' tables, put together from a judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.models import Variant
from metrics.stats.comparisons import Comparison
from metrics.stats.proportions import wilson_interval
from metrics.stats.rules import SMALLEST_CONVERSIONS, SMALLEST_VISITORS
from metrics.stats.types import Arm, Interval
from metrics.verdicts import Judgement

# A longer name would run into the figures beside it on a phone.
LABEL_LENGTH = 22


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One variant's figures in the table.

    `comparison` is None for the control, and where nothing may be said yet.
    """

    variant: Variant
    color: int
    arm: Arm
    interval: Interval | None
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class NeedRow:
    """What a variant has of the visitors and conversions below which nothing is said."""

    variant: Variant
    visitors: int
    conversions: int
    need_visitors: int = SMALLEST_VISITORS
    need_conversions: int = SMALLEST_CONVERSIONS

    @property
    def visitors_percent(self) -> float:
        return min(self.visitors / self.need_visitors, 1) * 100

    @property
    def conversions_percent(self) -> float:
        return min(self.conversions / self.need_conversions, 1) * 100


@dataclass(frozen=True, slots=True)
class SplitRow:
    """What the sample-ratio check compares for one variant."""

    variant: Variant
    weight: float
    observed: int
    expected: float
    share: float | None


def arm_rows(judgement: Judgement, compared: Mapping[int, Comparison]) -> tuple[ArmRow, ...]:
    """Return a row for each variant of the phase; the control stands first."""
    return tuple(
        ArmRow(
            variant=variant,
            color=variant.position,
            arm=arm,
            interval=wilson_interval(arm),
            comparison=compared.get(index),
        )
        for index, (variant, arm) in enumerate(
            zip(judgement.variants, judgement.look.arms, strict=True)
        )
    )


def need_rows(judgement: Judgement) -> tuple[NeedRow, ...]:
    """Return how far each variant has come towards what any verdict needs."""
    return tuple(
        NeedRow(variant, arm.visitors, arm.conversions)
        for index, (variant, arm) in enumerate(
            zip(judgement.variants, judgement.look.arms, strict=True)
        )
        # Nobody waits for a variant that nobody new gets.
        if arm.visitors or judgement.look.weights[index]
    )


def split_rows(judgement: Judgement) -> tuple[SplitRow, ...]:
    """Return observed and expected visitors by variant."""
    split, total = judgement.verdict.split, sum(judgement.verdict.split.observed)
    return tuple(
        SplitRow(variant, weight, observed, expected, observed / total if total else None)
        for variant, weight, observed, expected in zip(
            judgement.variants,
            judgement.look.weights,
            split.observed,
            split.expected,
            strict=True,
        )
    )


def short(name: str) -> str:
    return name if len(name) <= LABEL_LENGTH else f"{name[: LABEL_LENGTH - 1].rstrip()}…"


def bounds_of(comparison: Comparison | None) -> tuple[float, float, float] | None:
    """Return (lift, lower, upper), where there are any."""
    effect = comparison.effect if comparison else None
    if effect is None or effect.lift is None or effect.lift_interval is None:
        return None
    return effect.lift, effect.lift_interval.lower, effect.lift_interval.upper
