"""What visitors did, event type by event type, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One event type in the table."""

    label: str
    cells: tuple[TypeCell, ...]


def type_rows(judgement: Judgement) -> tuple[TypeRow, ...]:
    """Return a row for each event type."""
    results = [judgement.results.variants[place] for place in judgement.places]
    return tuple(TypeRow(str(kind.label), _cells(results, kind)) for kind in EventType)


def _share(result: VariantResult, kind: EventType) -> float | None:
    if not result.visitors:
        return None
    return result.visitors_by_type[kind] / result.visitors


def _cells(results: Sequence[VariantResult], kind: EventType) -> tuple[TypeCell, ...]:
    return tuple(
        TypeCell(
            result=result,
            events=result.events_by_type[kind],
            visitors=result.visitors_by_type[kind],
            share=_share(result, kind),
        )
        for result in results
    )
