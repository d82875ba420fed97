"""The charts over time: cumulative rates, and the difference with its confidence sequence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dashboard.time_chart import Bounds, TimeChart, time_chart
from metrics.phase_series import series_for
from metrics.stats.case import treatments_of, watching_alpha
from metrics.stats.sequential import confidence_sequence
from metrics.stats.types import Arm
from metrics.verdicts import Judgement, rules_of


@dataclass(frozen=True, slots=True)
class DayOfPhase:
    """All that was counted up to the end of a UTC day: an arm for each variant, in order."""

    day: date
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Two charts over the same days; `difference` is None where it is withheld."""

    days: tuple[DayOfPhase, ...]
    rates: TimeChart
    difference: TimeChart | None
    alpha: float


def trend_of(judgement: Judgement) -> Trend | None:
    """Return the charts of a phase, from its second day on; one query."""
    (series,) = series_for(judgement.results)
    days = [
        DayOfPhase(day, tuple(series.arms(number)[place] for place in judgement.places))
        for number, day in enumerate(series.days)
    ]
    if len(days) < 2:
        return None
    numbers = range(len(judgement.variants))
    alpha = watching_alpha(rules_of(judgement.plan), len(treatments_of(judgement.look)))
    rates = [[day.arms[number].rate for day in days] for number in numbers]
    return Trend(
        days=tuple(days),
        rates=time_chart([day.day for day in days], rates),
        difference=None if judgement.is_withheld else _difference(days, len(numbers), alpha),
        alpha=alpha,
    )


def _difference(days: list[DayOfPhase], variants: int, alpha: float) -> TimeChart:
    lines: list[list[float | None]] = [[]]
    bands: list[list[Bounds]] = [[]]
    for number in range(1, variants):
        looks = [confidence_sequence(day.arms[0], day.arms[number], alpha) for day in days]
        lines.append([look.estimate for look in looks])
        bands.append(
            [
                (look.interval.lower, look.interval.upper) if look.interval else None
                for look in looks
            ]
        )
    return time_chart([day.day for day in days], lines, bands, is_signed=True)
