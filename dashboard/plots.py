"""A chart with all that belongs to it: its words, its table, and its numbers to take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from dashboard.charts import GroupedChart
from dashboard.column_chart import ColumnChart
from dashboard.interval_chart import IntervalChart
from dashboard.rows import short
from dashboard.time_chart import TimeChart
from experiments.models import Variant
from metrics.stats.types import Arm
from metrics.verdicts import Judgement

Number = int | float | str | None


class Drawing(StrEnum):
    """How a plot is drawn, which is the name of its template."""

    LINES = "lines"
    COLUMNS = "columns"
    BARS = "bars"
    INTERVALS = "intervals"


@dataclass(frozen=True, slots=True)
class Serie:
    """One variant in a plot; `value` is what stands beside its name, if anything."""

    variant: Variant
    arm: Arm
    value: str = ""

    @property
    def name(self) -> str:
        return self.variant.name

    @property
    def short_name(self) -> str:
        return short(self.variant.name)

    @property
    def color(self) -> int:
        return self.variant.position


class Cell(NamedTuple):
    """A value of the table, and what stands beside it in small."""

    text: str
    note: str = ""


class Head(NamedTuple):
    """A column of the table; with the color of its variant where it is one's."""

    text: str
    color: int | None = None


class Row(NamedTuple):
    name: str
    cells: tuple[Cell, ...]


class Sheet(NamedTuple):
    """Raw numbers for other programs: shares from 0 to 1, days as ISO 8601 has them."""

    header: tuple[str, ...]
    rows: tuple[tuple[Number, ...], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart and the table behind it, a row for each place where its values are read.

    `name` is that of its address. `unit` says what its heights or widths are, `across` what lies
    along its other axis.
    """

    name: str
    drawing: Drawing
    chart: TimeChart | ColumnChart | GroupedChart | IntervalChart
    title: str
    unit: str
    across: str
    series: tuple[Serie, ...]
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    sheet: Sheet
    note: str = ""

    @property
    def template(self) -> str:
        return f"dashboard/charts/{self.drawing}.svg"

    @property
    def is_upright(self) -> bool:
        """Whether its values are read from left to right, not from top to bottom."""
        return self.drawing in (Drawing.LINES, Drawing.COLUMNS)

    @property
    def has_legend(self) -> bool:
        """Whether the variants need a legend; else their names stand in the drawing."""
        return self.drawing is not Drawing.INTERVALS


def series_of(judgement: Judgement, values: Sequence[str] = ()) -> tuple[Serie, ...]:
    """Return the phase's variants as series, with what stands beside each, if given."""
    arms = judgement.look.arms
    texts = list(values) or [""] * len(arms)
    return tuple(
        Serie(variant, arm, text)
        for variant, arm, text in zip(judgement.variants, arms, texts, strict=True)
    )


def heads_of(series: Sequence[Serie]) -> tuple[Head, ...]:
    """Return a column for each variant."""
    return tuple(Head(serie.name, serie.color) for serie in series)
