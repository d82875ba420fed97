"""What visitors did, event type by event type: a table and a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts import Group, GroupBar, GroupedChart, grouped_chart
from experiments.event_types import EventType
from metrics.results import VariantResult
from metrics.verdicts import Judgement


@dataclass(frozen=True, slots=True)
class TypeCell:
    """How often one variant's visitors did one thing. `share` is of its visitors who did it."""

    result: VariantResult
    events: int
    visitors: int
    share: float | None
    bar: GroupBar


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One event type in the table and in the chart of event types."""

    label: str
    group: Group
    cells: tuple[TypeCell, ...]


def type_rows(judgement: Judgement) -> tuple[tuple[TypeRow, ...], GroupedChart]:
    """Return a row for each event type, and the chart that they stand in."""
    results = [judgement.results.variants[place] for place in judgement.places]
    shares = [[_share(result, kind) for result in results] for kind in EventType]
    chart = grouped_chart(shares)
    rows = tuple(
        TypeRow(kind.label, group, _cells(results, kind, group))
        for kind, group in zip(EventType, chart.groups, strict=True)
    )
    return rows, chart


def _share(result: VariantResult, kind: EventType) -> float | None:
    if not result.visitors:
        return None
    return result.visitors_by_type[kind] / result.visitors


def _cells(results: Sequence[VariantResult], kind: EventType, group: Group) -> tuple[TypeCell, ...]:
    return tuple(
        TypeCell(
            result=result,
            events=result.events_by_type[kind],
            visitors=result.visitors_by_type[kind],
            share=_share(result, kind),
            bar=bar,
        )
        for result, bar in zip(results, group.bars, strict=True)
    )
