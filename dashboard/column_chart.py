"""Numbers → the geometry of columns over days, one on top of the other, in whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.figures import count
from dashboard.time_chart import AXIS, PLOT, TOP, DayTick, Level, Slot, day_ticks

MAX_LEVELS = 4
# Left of the columns, in percent of the width, for what the levels say.
GUTTER = 9.0
# Of a day's part of the width, which the column takes.
FILLED = 0.8
# Someone came: however few, they are to be seen.
THINNEST = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a column; nothing where its height is 0."""

    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A day's column, in percent of the width, with its parts from the bottom up."""

    x: float
    width: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ColumnChart:
    height: float
    plot_height: float
    top: float
    axis_label_y: float
    levels: tuple[Level, ...]
    days: tuple[DayTick, ...]
    columns: tuple[Column, ...]
    slots: tuple[Slot, ...]


def column_chart(days: Sequence[date], counts: Sequence[Sequence[int]]) -> ColumnChart:
    """Lay out a column a day; `counts[series][day]` are its parts, the first at the bottom."""
    totals = [sum(series[index] for series in counts) for index in range(len(days))]
    step = _step(max(totals, default=0))
    levels = max(math.ceil(max(totals, default=0) / step), 1)
    top, part = levels * step, (100 - GUTTER) / len(days)

    def middle(index: int) -> float:
        return GUTTER + (index + 0.5) * part

    return ColumnChart(
        height=TOP + PLOT + AXIS,
        plot_height=PLOT,
        top=TOP,
        axis_label_y=TOP + PLOT + 18,
        levels=tuple(
            Level(TOP + PLOT * (1 - n / levels), count(n * step), n == 0) for n in range(levels + 1)
        ),
        days=day_ticks(days, middle, is_edged=False),
        columns=tuple(
            Column(
                x=middle(index) - part * FILLED / 2,
                width=part * FILLED,
                pieces=_pieces([series[index] for series in counts], top),
            )
            for index in range(len(days))
        ),
        slots=tuple(
            Slot(middle(index), GUTTER + index * part, part, ()) for index in range(len(days))
        ),
    )


def _pieces(counts: Sequence[int], top: int) -> tuple[Piece, ...]:
    pieces, below = [], float(TOP + PLOT)
    for number in counts:
        height = max(number / top * PLOT, THINNEST) if number else 0.0
        below -= height
        pieces.append(Piece(below, height))
    return tuple(pieces)


def _step(largest: int) -> int:
    """Return the step of an axis from 0: 1, 2 or 5 times a power of ten, a whole number."""
    power: int = 10 ** max(math.floor(math.log10(largest / MAX_LEVELS)), 0) if largest else 1
    return next(f * power for f in (1, 2, 5, 10) if largest / (f * power) <= MAX_LEVELS)
