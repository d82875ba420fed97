"""A phase's results by segment: for exploring, corrected for all that is shown, no verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from experiments.models import Variant
from metrics.segments import Breakdown, Dimension, Segment, breakdown_for
from metrics.stats.chi_squared import two_arm_p_value
from metrics.stats.multiple import holm
from metrics.stats.proportions import ProportionComparison, compare
from metrics.stats.types import Arm
from metrics.verdicts import Judgement

ALPHA = 0.05
# In a segment with fewer, in either arm, a difference says nothing.
MIN_VISITORS = 100
LABELS = {
    Dimension.DEVICE: gettext_noop("Device"),
    Dimension.SOURCE: gettext_noop("Source"),
    Dimension.DAY: gettext_noop("Day"),
}
TITLES = {
    Dimension.DEVICE: gettext_noop("By device"),
    Dimension.SOURCE: gettext_noop("By source"),
    Dimension.DAY: gettext_noop("By day"),
}
# Sources are addresses, and days are written as numbers.
_NAMES = {
    "phone": gettext_noop("phone"),
    "tablet": gettext_noop("tablet"),
    "desktop": gettext_noop("desktop"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant in one segment; `comparison` and p are against the control, where there are any.

    The interval has the confidence that all comparisons shown together ask for; p is Holm's.
    """

    variant: Variant
    arm: Arm
    comparison: ProportionComparison | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class SegmentRow:
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class BreakdownTable:
    """All segments; `looks` is how many comparisons are shown, and what they are corrected for."""

    breakdown: Breakdown
    rows: tuple[SegmentRow, ...]
    looks: int


def breakdown_table(judgement: Judgement, dimension: Dimension) -> BreakdownTable:
    """Return the primary goal's results by segment. Raises metrics.segments.TooMuch."""
    breakdown = breakdown_for(
        judgement.results.experiment.id,
        phase=judgement.phase.number,
        kind=judgement.goal.kind,
        dimension=dimension,
    )
    arms = [
        tuple(segment.arm(variant.id) for variant in judgement.variants)
        for segment in breakdown.segments
    ]
    compared = [] if judgement.is_withheld else _compared(arms)
    p_values = [two_arm_p_value(arms[row][0], arms[row][column]) for row, column in compared]
    adjusted = dict(zip(compared, holm(p_values), strict=True))
    alpha = ALPHA / max(len(compared), 1)
    rows = tuple(
        SegmentRow(
            _name(segment, dimension),
            tuple(
                Cell(
                    variant=variant,
                    arm=arms[row][column],
                    comparison=compare(arms[row][0], arms[row][column], alpha)
                    if (row, column) in adjusted
                    else None,
                    p_value=adjusted.get((row, column)),
                )
                for column, variant in enumerate(judgement.variants)
            ),
        )
        for row, segment in enumerate(breakdown.segments)
    )
    return BreakdownTable(breakdown, rows, len(compared))


def _compared(arms: list[tuple[Arm, ...]]) -> list[tuple[int, int]]:
    """Return which segment and treatment have enough visitors to be compared."""
    return [
        (row, column)
        for row, of_segment in enumerate(arms)
        for column, arm in enumerate(of_segment)
        if column and min(arm.visitors, of_segment[0].visitors) >= MIN_VISITORS
    ]


def _name(segment: Segment, dimension: Dimension) -> str:
    if segment.is_unknown:
        return gettext("Unknown")
    if segment.is_other:
        return gettext("All others")
    is_named = dimension is Dimension.DEVICE and segment.name in _NAMES
    return gettext(_NAMES[segment.name]) if is_named else segment.name
