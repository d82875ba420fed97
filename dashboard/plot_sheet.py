"""A plot as a picture of its own: what of it lies where, and in which colors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.figures import count
from dashboard.plots import Plot, Serie

WIDTH, MARGIN = 800, 24
HEAD, KEY_LINE, FOOT = 76, 22, 44
# There is no measuring of text here; letters of this size are narrower in the mean.
LETTER, KEY_MARK, KEY_GAP = 7.2, 28, 24
# Those of the stylesheet's light theme, and its dashes; a test holds them together.
COLORS = (
    *("#64748b", "#0b7f79", "#c2570c", "#7c3aed", "#2563eb"),
    *("#c0266d", "#647d0b", "#8a5a2b", "#0b7aa8", "#b91c1c"),
)
DASHES = ("", "8 4", "2 3", "8 3 2 3", "14 4", "4 4", "12 3 3 3 3 3", "1 5", "10 6 2 6", "6 2")


@dataclass(frozen=True, slots=True)
class Key:
    """A variant in the legend."""

    serie: Serie
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PlotSheet:
    """Places in pixels; `top` is where the drawing begins."""

    width: int
    inner: int
    height: float
    top: float
    source_y: float
    keys: tuple[Key, ...]


def sheet_of(plot: Plot) -> PlotSheet:
    """Lay out a plot's title, legend, drawing and source one below the other."""
    keys, below = _keys(plot.series) if plot.has_legend else ((), HEAD)
    top = below + 8
    height = top + plot.chart.height + FOOT
    return PlotSheet(
        width=WIDTH,
        inner=WIDTH - 2 * MARGIN,
        height=height,
        top=top,
        source_y=height - 18,
        keys=keys,
    )


def _keys(series: Sequence[Serie]) -> tuple[tuple[Key, ...], float]:
    keys: list[Key] = []
    x, y = float(MARGIN), float(HEAD + 6)
    for serie in series:
        text = f"{serie.short_name} (n = {count(serie.arm.visitors)})"
        width = KEY_MARK + len(text) * LETTER + KEY_GAP
        if keys and x + width > WIDTH - MARGIN:
            x, y = float(MARGIN), y + KEY_LINE
        keys.append(Key(serie, text, x, y))
        x += width
    return tuple(keys), y + KEY_LINE / 2
