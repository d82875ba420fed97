"""Numbers → the geometry of intervals on an axis, in the units of dashboard.charts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.figures import NBSP, localized

ROW, LABEL, AXIS, TOP = 54, 20, 26, 6
BAR = 14
MAX_STEPS = 6
MAX_RATE_STEPS = 4
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
    """One variant: its estimate and interval as places on the axis; None where there is none.

    `y` and `height` are those of the row as a whole, where its values are read.
    """

    y: float
    height: float
    label_y: float
    middle_y: float
    bar_y: float
    estimate: float | None
    lower: float | None
    width: float | None


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """`zero` is where nothing differs; None where the axis isn't about differences."""

    height: float
    axis_y: float
    axis_label_y: float
    zero: float | None
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
    low = min([0.0, *(row[1] for row in known)])
    high = max([0.0, mark or 0.0, *(row[2] for row in known)])
    step = signed_step(low, high)
    # Zero never stands at the very edge, where it would look like the axis' beginning or end.
    first = min(math.floor(round(low / step, 9)), -1)
    last = max(math.ceil(round(high / step, 9)), 1)
    return _laid_out(rows, first, last, step, mark=mark, is_signed=True)


def rate_chart(rows: Sequence[tuple[float, float, float] | None]) -> IntervalChart:
    """Lay out (rate, lower, upper), one a row, on one scale that ends where the intervals do."""
    known = [row for row in rows if row]
    low = min((row[1] for row in known), default=0.0)
    high = max((row[2] for row in known), default=0.0)
    step = signed_step(low, high, most=MAX_RATE_STEPS)
    first, last = math.floor(round(low / step, 9)), math.ceil(round(high / step, 9))
    return _laid_out(rows, first, max(last, first + 1), step, mark=None, is_signed=False)


def _laid_out(
    rows: Sequence[tuple[float, float, float] | None],
    first: int,
    last: int,
    step: float,
    *,
    mark: float | None,
    is_signed: bool,
) -> IntervalChart:
    bottom, span = first * step, (last - first) * step

    def place(value: float) -> float:
        return (value - bottom) / span * 100

    axis_y = float(TOP + len(rows) * ROW)
    return IntervalChart(
        height=axis_y + AXIS,
        axis_y=axis_y,
        axis_label_y=axis_y + 18,
        zero=place(0.0) if is_signed else None,
        mark=None if mark is None else place(mark),
        ticks=tuple(
            _tick(index, first, last, step, is_signed=is_signed) for index in range(first, last + 1)
        ),
        rows=tuple(_row(row, index, place) for index, row in enumerate(rows)),
    )


def signed_step(low: float, high: float, most: int = MAX_STEPS) -> float:
    """Return the step of an axis that holds both: 1, 2, 2.5 or 5 times a power of ten."""
    reach = max(high - low, LEAST_REACH)
    power = 10.0 ** math.floor(math.log10(reach / most))
    return next(f * power for f in (1, 2, 2.5, 5, 10) if round(reach / (f * power), 9) <= most)


def signed_label(value: float, step: float, unit: str = "%") -> str:
    """Return a mark of a signed axis in percent: −5 %, 0 %, +2.5 %."""
    percent = step * 100
    places = next((n for n in range(12) if math.isclose(percent, round(percent, n))), 12)
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{localized(f'{abs(value) * 100:.{places if value else 0}f}')}{NBSP}{unit}"


def _tick(index: int, first: int, last: int, step: float, *, is_signed: bool) -> SignedTick:
    label = signed_label(index * step, step)
    return SignedTick(
        x=(index - first) / (last - first) * 100,
        label=label if is_signed else label.removeprefix("+"),
        anchor="start" if index == first else "end" if index == last else "middle",
        is_zero=is_signed and index == 0,
    )


def _row(
    row: tuple[float, float, float] | None, index: int, place: Callable[[float], float]
) -> IntervalRow:
    y = TOP + index * ROW
    middle = y + LABEL + BAR / 2
    return IntervalRow(
        y=float(y),
        height=ROW,
        label_y=y + 13,
        middle_y=middle,
        bar_y=middle - BAR / 2,
        estimate=place(row[0]) if row else None,
        lower=place(row[1]) if row else None,
        width=place(row[2]) - place(row[1]) if row else None,
    )
