"""One experiment's results, put together for its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from dashboard.actions import Action, actions_for
from dashboard.charts import (
    Group,
    GroupBar,
    GroupedChart,
    RateBar,
    RateChart,
    grouped_chart,
    rate_chart,
)
from dashboard.overview import Share, shares_of
from dashboard.significance import Significance, significance_of
from experiments.content import CONTENT_KEYS
from experiments.event_types import EventType
from experiments.lifecycle import Status
from experiments.models import Experiment, Variant
from experiments.roles import AnyUser
from metrics.results import Results, VariantResult, results_for

# A longer name would run into the figures beside it on a phone.
LABEL_LENGTH = 22


@dataclass(frozen=True, slots=True)
class RateRow:
    """One variant in the table and in the chart of rates."""

    result: VariantResult
    bar: RateBar
    short_name: str


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


@dataclass(frozen=True, slots=True)
class Texts:
    """What one variant changes on the page, by the labels of the content keys."""

    variant: Variant
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that an experiment's page says."""

    experiment: Experiment
    results: Results
    significance: Significance
    rate_chart: RateChart
    rates: tuple[RateRow, ...]
    type_chart: GroupedChart
    types: tuple[TypeRow, ...]
    shares: tuple[Share, ...]
    content: tuple[Texts, ...]
    actions: tuple[Action, ...]
    updated_at: datetime

    @property
    def is_counting(self) -> bool:
        return self.experiment.status in (Status.ACTIVE, Status.PAUSED)

    @property
    def total_conversions(self) -> int:
        return sum(result.conversions for result in self.results.variants)

    @property
    def overall_rate(self) -> float | None:
        visitors = self.results.total_visitors
        return self.total_conversions / visitors if visitors else None


def report_of(experiment: Experiment, user: AnyUser) -> Report:
    """Return the page's figures for an experiment whose variants are fetched: one query."""
    results = results_for(experiment)
    rates = rate_chart([_bounds(result) for result in results.variants])
    shares = [[_share(result, kind) for result in results.variants] for kind in EventType]
    types = grouped_chart(shares)
    return Report(
        experiment=experiment,
        results=results,
        significance=significance_of(results),
        rate_chart=rates,
        rates=tuple(
            RateRow(result, bar, _short(result.variant.name))
            for result, bar in zip(results.variants, rates.bars, strict=True)
        ),
        type_chart=types,
        types=tuple(
            TypeRow(kind.label, group, _cells(results, kind, group))
            for kind, group in zip(EventType, types.groups, strict=True)
        ),
        shares=shares_of(experiment),
        content=tuple(
            Texts(variant, _texts(variant.content)) for variant in experiment.variants.all()
        ),
        actions=actions_for(experiment, user),
        updated_at=timezone.now(),
    )


def _bounds(result: VariantResult) -> tuple[float, float, float] | None:
    if result.rate is None or result.interval is None:
        return None
    return result.rate, result.interval.lower, result.interval.upper


def _share(result: VariantResult, kind: EventType) -> float | None:
    if not result.visitors:
        return None
    return result.visitors_by_type[kind] / result.visitors


def _cells(results: Results, kind: EventType, group: Group) -> tuple[TypeCell, ...]:
    return tuple(
        TypeCell(
            result=result,
            events=result.events_by_type[kind],
            visitors=result.visitors_by_type[kind],
            share=_share(result, kind),
            bar=bar,
        )
        for result, bar in zip(results.variants, group.bars, strict=True)
    )


def _texts(content: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (entry.label, content[entry.key]) for entry in CONTENT_KEYS if entry.key in content
    )


def _short(name: str) -> str:
    return name if len(name) <= LABEL_LENGTH else f"{name[: LABEL_LENGTH - 1].rstrip()}…"
