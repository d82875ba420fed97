"""Numbers → the geometry of lines and bands over days.

Lines are drawn in a square of 100 × 100 that the page stretches to the drawing's width; texts and
dots are outside of it, so that they aren't stretched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.figures import NBSP
from dashboard.interval_chart import signed_label, signed_step

PLOT, AXIS, TOP = 190, 26, 14
MAX_DATES = 6
# The first visitors' rates swing widely: the scale is made for the rest, and cuts them off.
SWINGING = 0.2

T = TypeVar("T")
Value = float | None
Bounds = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Level:
    """A line across at a value, and what it says."""

    y: float
    label: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class DayTick:
    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One day, where its values are read: its part of the width in percent, and the dots' heights.

    A dot is None where the line has no value, or one that leaves the picture.
    """

    x: float
    left: float
    width: float
    dots: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class TimeChart:
    """`lines` and `bands` are point lists in a square of 100, in the order given; "" for none."""

    height: float
    plot_height: float
    top: float
    axis_label_y: float
    levels: tuple[Level, ...]
    days: tuple[DayTick, ...]
    lines: tuple[str, ...]
    bands: tuple[str, ...]
    slots: tuple[Slot, ...]

    @property
    def bottom(self) -> float:
        return self.top + self.plot_height


def time_chart(
    days: Sequence[date],
    lines: Sequence[Sequence[Value]],
    bands: Sequence[Sequence[Bounds]] = (),
    *,
    is_signed: bool = False,
) -> TimeChart:
    """Lay out one value a day for each line, and the bounds around them; at least two days."""
    low, high = _range(lines, bands, is_signed)
    step = signed_step(low, high)
    first, last = math.floor(round(low / step, 9)), math.ceil(round(high / step, 9))
    last = max(last, first + 1)
    span = (last - first) * step

    def across(index: int) -> float:
        return index / (len(days) - 1) * 100

    def up(value: float) -> float:
        return 100 - (value - first * step) / span * 100

    return TimeChart(
        height=TOP + PLOT + AXIS,
        plot_height=PLOT,
        top=TOP,
        axis_label_y=TOP + PLOT + 18,
        levels=tuple(
            Level(
                _height(up(index * step)),
                _label(index * step, step, is_signed=is_signed),
                index == 0,
            )
            for index in range(first, last + 1)
        ),
        days=day_ticks(days, across, is_edged=True),
        lines=tuple(_points(line, across, up) for line in lines),
        bands=tuple(_outline(band, across, up) for band in bands),
        slots=tuple(
            _slot(index, len(days), across, [_dot(line[index], up) for line in lines if line])
            for index in range(len(days))
        ),
    )


def _range(
    lines: Sequence[Sequence[Value]], bands: Sequence[Sequence[Bounds]], is_signed: bool
) -> tuple[float, float]:
    values = [value for line in lines for value in _settled(line) if value is not None]
    bounds = [bound for band in bands for pair in _settled(band) if pair for bound in pair]
    known = [*values, *bounds, *([0.0] if is_signed else [])] or [0.0]
    return min(known), max(known)


def _settled(values: Sequence[T]) -> Sequence[T]:
    return values[math.floor(len(values) * SWINGING) :]


def _label(value: float, step: float, *, is_signed: bool) -> str:
    if is_signed:
        return signed_label(value, step, _("pts"))
    return signed_label(value, step).removeprefix("+")


def day_ticks(
    days: Sequence[date], across: Callable[[int], float], *, is_edged: bool
) -> tuple[DayTick, ...]:
    """Return the marks of the axis: a few days at equal distances, and the last.

    `is_edged` where the first and the last lie at the drawing's edges.
    """
    last = len(days) - 1
    stride = max(1, math.ceil(last / (MAX_DATES - 1)))
    shown = [index for index in range(0, last + 1, stride) if last - index >= stride]
    return tuple(
        DayTick(
            x=across(index),
            label=date_format(days[index], _("j M")).replace(" ", NBSP),
            anchor=_anchor(index, last) if is_edged else "middle",
        )
        for index in (*shown, last)
    )


def _anchor(index: int, last: int) -> str:
    return "start" if index == 0 else "end" if index == last else "middle"


def _height(level: float) -> float:
    """Return a level of the square as a height in the drawing."""
    return TOP + level / 100 * PLOT


def _dot(value: Value, up: Callable[[float], float]) -> float | None:
    if value is None or not -1e-9 <= up(value) <= 100 + 1e-9:
        return None
    return _height(up(value))


def _slot(
    index: int, days: int, across: Callable[[int], float], dots: Sequence[float | None]
) -> Slot:
    half = 50 / (days - 1)
    left, right = max(across(index) - half, 0.0), min(across(index) + half, 100.0)
    return Slot(across(index), left, right - left, tuple(dots))


def _points(
    line: Sequence[Value], across: Callable[[int], float], up: Callable[[float], float]
) -> str:
    return " ".join(
        f"{across(index):.2f},{up(value):.2f}"
        for index, value in enumerate(line)
        if value is not None
    )


def _outline(
    band: Sequence[Bounds], across: Callable[[int], float], up: Callable[[float], float]
) -> str:
    """Go along the upper bounds and back along the lower ones."""
    known = [(index, bounds) for index, bounds in enumerate(band) if bounds]
    there = [f"{across(index):.2f},{up(bounds[1]):.2f}" for index, bounds in known]
    back = [f"{across(index):.2f},{up(bounds[0]):.2f}" for index, bounds in reversed(known)]
    return " ".join((*there, *back))
