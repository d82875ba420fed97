"""Numbers → the geometry of small drawings: an interval on a line, a course without axes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Of a drawing's height, so that the line's own width isn't cut off at its ends.
_MARGIN = 6.0


@dataclass(frozen=True, slots=True)
class IntervalBar:
    """Places on a line in percent of its width; `zero` is None where it isn't on the line."""

    lower: float
    width: float
    estimate: float
    zero: float | None


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Points of a drawing of 100 by 100: the line, and the area between it and the bottom."""

    line: str
    area: str


def interval_bar(
    *, lower: float, estimate: float, upper: float, first: float, last: float
) -> IntervalBar:
    """Lay out an interval on a line from `first` to `last`; what lies beyond is cut off.

    Raises ValueError for a line without a length.
    """
    if not last > first:
        raise ValueError(f"A line goes from less to more, not from {first} to {last}.")

    def place(value: float) -> float:
        return (min(max(value, first), last) - first) / (last - first) * 100

    return IntervalBar(
        lower=place(lower),
        width=place(upper) - place(lower),
        estimate=place(estimate),
        zero=place(0.0) if first <= 0.0 <= last else None,
    )


def sparkline(values: Sequence[float]) -> Sparkline:
    """Lay out values from left to right, from zero (or the least below it) to the largest."""
    if not values:
        return Sparkline(line="", area="")
    # One value has no course: it is drawn as one that stays.
    drawn = values if len(values) > 1 else [*values, *values]
    bottom, top = min(0.0, *drawn), max(0.0, *drawn)
    reach = (top - bottom) or 1.0
    room = 100 - 2 * _MARGIN
    points = [
        f"{index / (len(drawn) - 1) * 100:g},{100 - _MARGIN - (value - bottom) / reach * room:.4g}"
        for index, value in enumerate(drawn)
    ]
    line = " ".join(points)
    return Sparkline(line=line, area=f"0,100 {line} 100,100")
