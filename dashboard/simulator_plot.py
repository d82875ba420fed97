"""Paths of p over the days → the geometry of a chart, with texts in the reader's language.

p stands by its square root, from 1 at the top to 0, in a square of 100 × 100 that the page
stretches: so that what happens around 0.05 has room. Points where a path first falls below it, and
texts, are outside of the square.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.figures import SIGNIFICANT_BELOW, localized

TOP, PLOT, AXIS = 14, 230, 26
LEVELS = (1.0, 0.5, 0.2, SIGNIFICANT_BELOW, 0.0)
MOST_TICKS, WEEK = 6, 7


@dataclass(frozen=True, slots=True)
class Level:
    y: float
    label: str
    is_limit: bool


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Path:
    """One run's p; `day` is the first below 0.05, None without one, at (x %, y px)."""

    points: str
    day: int | None
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Row:
    """One day of the table: p of each run, and whether it is below 0.05."""

    day: int
    cells: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class PathPlot:
    """`limit` is where p = 0.05 lies in the square, and `below` how much of it lies below."""

    height: float
    top: float
    plot_height: float
    axis_label_y: float
    limit: float
    below: float
    levels: tuple[Level, ...]
    days: tuple[Tick, ...]
    paths: tuple[Path, ...]
    rows: tuple[Row, ...]

    @property
    def crossed(self) -> int:
        """How many of the paths are below 0.05 on some day."""
        return sum(path.day is not None for path in self.paths)


def path_plot(paths: Sequence[Sequence[float]]) -> PathPlot:
    """Lay out paths of p, one value a day; at least two days."""
    days = len(paths[0])
    limit = _depth(SIGNIFICANT_BELOW)
    # Those that deceive are drawn last, over the others.
    laid_out = sorted((_path(path) for path in paths), key=lambda path: path.day is not None)
    return PathPlot(
        height=TOP + PLOT + AXIS,
        top=TOP,
        plot_height=PLOT,
        axis_label_y=TOP + PLOT + 18,
        limit=limit,
        below=100 - limit,
        levels=tuple(Level(_y(p), localized(f"p = {p:g}"), p == SIGNIFICANT_BELOW) for p in LEVELS),
        days=_ticks(days),
        paths=tuple(laid_out),
        rows=tuple(
            Row(day + 1, tuple((_written(p[day]), p[day] < SIGNIFICANT_BELOW) for p in paths))
            for day in range(days)
        ),
    )


def _depth(p: float) -> float:
    """Return how far down a p-value lies in the square."""
    return (1 - math.sqrt(p)) * 100


def _y(p: float) -> float:
    return round(TOP + _depth(p) / 100 * PLOT, 2)


def _path(values: Sequence[float]) -> Path:
    last = len(values) - 1
    below = next((index for index, p in enumerate(values) if p < SIGNIFICANT_BELOW), None)
    points = " ".join(f"{n / last * 100:.2f},{_depth(p):.2f}" for n, p in enumerate(values))
    if below is None:
        return Path(points, None, 0.0, 0.0)
    return Path(points, below + 1, below / last * 100, _y(values[below]))


def _ticks(days: int) -> tuple[Tick, ...]:
    """Mark the first day, the last, and ends of weeks between them."""
    weeks = max(1, math.ceil(days / WEEK / (MOST_TICKS - 1)))
    stride = weeks * WEEK
    between = [day for day in range(stride, days, stride) if days - day >= stride / 2]
    return tuple(
        Tick(
            x=(day - 1) / (days - 1) * 100,
            label=_("Day\u00a0%(day)s") % {"day": day} if day in (1, days) else str(day),
            anchor="start" if day == 1 else "end" if day == days else "middle",
        )
        for day in (1, *between, days)
    )


def _written(p: float) -> str:
    """Return p with two figures, and never on the wrong side of 0.05."""
    for places in range(2 if p >= 0.1 else 3, 9):
        text = f"{p:.{places}f}"
        if float(text) > 0 and (float(text) < SIGNIFICANT_BELOW) == (p < SIGNIFICANT_BELOW):
            return localized(text)
    return "< 1e-8"
