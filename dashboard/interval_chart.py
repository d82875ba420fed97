"""Numbers → the geometry of intervals around zero. Pure, in the units of dashboard.charts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.figures import NBSP

ROW, LABEL, AXIS, TOP = 54, 20, 26, 6
BAR = 14
MAX_STEPS = 6
# Where nothing differs and nothing is wide, the axis still has a length.
LEAST_REACH = 0.01


@dataclass(frozen=True, slots=True)
class SignedTick:
    x: float
    label: str
    anchor: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One variant: its estimate and interval as places on the axis; None where there is none."""

    label_y: float
    middle_y: float
    bar_y: float
    estimate: float | None
    lower: float | None
    width: float | None


@dataclass(frozen=True, slots=True)
class IntervalChart:
    height: float
    axis_y: float
    axis_label_y: float
    zero: float
    mark: float | None
    ticks: tuple[SignedTick, ...]
    rows: tuple[IntervalRow, ...]
    bar_height: int = BAR


def interval_chart(
    rows: Sequence[tuple[float, float, float] | None], *, mark: float | None = None
) -> IntervalChart:
    """Lay out (estimate, lower, upper) around zero, one a row, on one scale that shows zero.

    `mark` is a value to point out, the smallest lift worth having, say.
    """
    known = [row for row in rows if row]
    lows = [0.0, *(row[1] for row in known)]
    highs = [0.0, mark or 0.0, *(row[2] for row in known)]
    step = signed_step(min(lows), max(highs))
    first = math.floor(round(min(lows) / step, 9))
    last = math.ceil(round(max(highs) / step, 9))
    # Zero never stands at the very edge, where it would look like the axis' beginning or end.
    first, last = min(first, -1), max(last, 1)
    bottom, span = first * step, (last - first) * step

    def place(value: float) -> float:
        return (value - bottom) / span * 100

    axis_y = float(TOP + len(rows) * ROW)
    return IntervalChart(
        height=axis_y + AXIS,
        axis_y=axis_y,
        axis_label_y=axis_y + 18,
        zero=place(0.0),
        mark=None if mark is None else place(mark),
        ticks=tuple(_tick(index, first, last, step) for index in range(first, last + 1)),
        rows=tuple(_row(row, index, place) for index, row in enumerate(rows)),
    )


def signed_step(low: float, high: float) -> float:
    """Return the step of an axis that holds both: 1, 2, 2.5 or 5 times a power of ten."""
    reach = max(high - low, LEAST_REACH)
    power = 10.0 ** math.floor(math.log10(reach / MAX_STEPS))
    return next(f * power for f in (1, 2, 2.5, 5, 10) if round(reach / (f * power), 9) <= MAX_STEPS)


def signed_label(value: float, step: float, unit: str = "%") -> str:
    """Return a mark of a signed axis in percent: −5 %, 0 %, +2.5 %."""
    percent = step * 100
    places = next((n for n in range(12) if math.isclose(percent, round(percent, n))), 12)
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{abs(value) * 100:.{places if value else 0}f}{NBSP}{unit}"


def _tick(index: int, first: int, last: int, step: float) -> SignedTick:
    return SignedTick(
        x=(index - first) / (last - first) * 100,
        label=signed_label(index * step, step),
        anchor="start" if index == first else "end" if index == last else "middle",
        is_zero=index == 0,
    )


def _row(
    row: tuple[float, float, float] | None, index: int, place: Callable[[float], float]
) -> IntervalRow:
    y = TOP + index * ROW
    middle = y + LABEL + BAR / 2
    return IntervalRow(
        label_y=y + 13,
        middle_y=middle,
        bar_y=middle - BAR / 2,
        estimate=place(row[0]) if row else None,
        lower=place(row[1]) if row else None,
        width=place(row[2]) - place(row[1]) if row else None,
    )
