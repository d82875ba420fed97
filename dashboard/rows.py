"""The rows of the results' tables, put together from a judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.interval_chart import IntervalChart, IntervalRow, interval_chart
from experiments.models import Variant
from metrics.stats.comparisons import Comparison
from metrics.stats.proportions import wilson_interval
from metrics.stats.types import Arm, Interval
from metrics.verdicts import Judgement

# A longer name would run into the figures beside it on a phone.
LABEL_LENGTH = 22


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One variant's figures in the table, and its interval in the chart.

    `comparison` is None for the control, and where nothing may be said yet.
    """

    variant: Variant
    color: int
    arm: Arm
    interval: Interval | None
    comparison: Comparison | None
    place: IntervalRow | None

    @property
    def short_name(self) -> str:
        return short(self.variant.name)


@dataclass(frozen=True, slots=True)
class SplitRow:
    """What the sample-ratio check compares for one variant."""

    variant: Variant
    weight: float
    observed: int
    expected: float
    share: float | None


def arm_rows(judgement: Judgement) -> tuple[tuple[ArmRow, ...], IntervalChart | None]:
    """Return a row for each variant of the phase, and the chart of the lifts if they may be said.

    The control stands at zero, as what the others are compared with.
    """
    compared = {} if judgement.is_withheld else {c.index: c for c in judgement.comparisons()}
    bounds = [(0.0, 0.0, 0.0), *(_bounds(compared.get(i)) for i in _treatments(judgement))]
    chart = None
    if any(bounds[1:]):
        plan = judgement.plan
        chart = interval_chart(bounds, mark=plan.minimum_lift if plan else None)
    rows = tuple(
        ArmRow(
            variant=variant,
            color=variant.position,
            arm=arm,
            interval=wilson_interval(arm),
            comparison=compared.get(index),
            place=chart.rows[index] if chart else None,
        )
        for index, (variant, arm) in enumerate(
            zip(judgement.variants, judgement.look.arms, strict=True)
        )
    )
    return rows, chart


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


def _treatments(judgement: Judgement) -> Sequence[int]:
    return range(1, len(judgement.variants))


def _bounds(comparison: Comparison | None) -> tuple[float, float, float] | None:
    effect = comparison.effect if comparison else None
    if effect is None or effect.lift is None or effect.lift_interval is None:
        return None
    return effect.lift, effect.lift_interval.lower, effect.lift_interval.upper
