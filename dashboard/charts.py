"""Numbers → SVG geometry, without any text but the axis' own.

Widths are percent of the drawing's width, so that one drawing fits a phone and a desk without
scaling its text; heights are pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from dashboard.figures import NBSP, localized

GROUP_LABEL, GROUP_BAR, GROUP_BAR_GAP, GROUP_GAP = 22, 12, 5, 16
AXIS_HEIGHT, TOP = 26, 4
# The bars of a grouped chart leave the rest of the width to the values written beside them.
GROUP_WIDTH = 80.0
# One visitor in a billion: less than that is drawn as nothing.
SMALLEST_SHARE = 1e-9
MAX_TICKS = 4
# A share above zero stays visible, however small it is.
THINNEST_BAR = 0.4


@dataclass(frozen=True, slots=True)
class _Scale:
    """An axis from 0, in shares."""

    step: float
    steps: int

    @property
    def top(self) -> float:
        return self.step * self.steps


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis: where it is, what it says, and on which side of x the text stands."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class GroupBar:
    y: float
    height: float
    value_y: float
    width: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """One group of bars; `y` and `height` are those of its part of the drawing."""

    y: float
    height: float
    label_y: float
    bars: tuple[GroupBar, ...]


@dataclass(frozen=True, slots=True)
class GroupedChart:
    height: float
    axis_y: float
    axis_label_y: float
    ticks: tuple[Tick, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Stripe:
    """One part of a bar that shows a whole: where it begins and how wide it is, in percent."""

    x: float
    width: float


def grouped_chart(groups: Sequence[Sequence[float | None]]) -> GroupedChart:
    """Lay out groups of bars on one axis. Values are shares; None leaves a bar out."""
    scale = _scale_for(max((share for group in groups for share in group if share), default=0.0))
    y, laid_out = float(TOP), []
    for group in groups:
        bars = tuple(_group_bar(share, y, index, scale.top) for index, share in enumerate(group))
        height = GROUP_LABEL + len(group) * (GROUP_BAR + GROUP_BAR_GAP)
        laid_out.append(Group(y=y, height=height, label_y=y + 14, bars=bars))
        y += height + GROUP_GAP
    axis_y = y - GROUP_GAP / 2
    return GroupedChart(
        height=axis_y + AXIS_HEIGHT,
        axis_y=axis_y,
        axis_label_y=axis_y + 18,
        ticks=_ticks(scale, width=GROUP_WIDTH),
        groups=tuple(laid_out),
    )


def stripes(weights: Sequence[int]) -> tuple[Stripe, ...]:
    """Lay out the parts of a split one after the other; a split over 100 is drawn to scale."""
    whole = max(100, sum(weights))
    ends = list(accumulate(weights, initial=0))
    return tuple(
        Stripe(x=start / whole * 100, width=weight / whole * 100)
        for start, weight in zip(ends, weights, strict=False)
    )


def _group_bar(share: float | None, y: float, index: int, top: float) -> GroupBar:
    bar_y = y + GROUP_LABEL + index * (GROUP_BAR + GROUP_BAR_GAP)
    return GroupBar(
        y=bar_y,
        height=GROUP_BAR,
        value_y=bar_y + GROUP_BAR - 1.5,
        width=None if share is None else _width(share, top, GROUP_WIDTH),
    )


def _width(share: float, top: float, full: float) -> float:
    return max(share / top * full, THINNEST_BAR) if share else 0.0


def _scale_for(largest: float) -> _Scale:
    """Return the axis from 0 that holds the largest share and ends on a round number.

    The step is the smallest of 1, 2, 2.5 and 5 times a power of ten that needs few enough ticks.
    """
    if largest < SMALLEST_SHARE:
        return _Scale(step=0.05, steps=2)
    power = 10.0 ** math.floor(math.log10(largest / MAX_TICKS))
    steps = (factor * power for factor in (1, 2, 2.5, 5, 10))
    step = next(step for step in steps if round(largest / step, 9) <= MAX_TICKS)
    return _Scale(step=step, steps=math.ceil(round(largest / step, 9)))


def _ticks(scale: _Scale, width: float) -> tuple[Tick, ...]:
    places = _decimals(scale.step * 100)
    return tuple(
        Tick(
            x=index / scale.steps * width,
            label=localized(f"{index * scale.step * 100:.{places if index else 0}f}") + f"{NBSP}%",
            anchor=_anchor(index, scale.steps, reaches_edge=width == 100.0),
        )
        for index in range(scale.steps + 1)
    )


def _anchor(index: int, last: int, *, reaches_edge: bool) -> str:
    if index == 0:
        return "start"
    return "end" if index == last and reaches_edge else "middle"


def _decimals(step: float) -> int:
    """Return how many decimals a step needs to be written exactly: 0 for 5, 1 for 2.5 and 0.5."""
    return next((places for places in range(12) if math.isclose(step, round(step, places))), 12)
