"""The plots over time: rates, differences, and what came on each day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard import figures
from dashboard.column_chart import column_chart
from dashboard.plots import Cell, Drawing, Number, Plot, Row, Serie, Sheet, heads_of, series_of
from dashboard.time_chart import Bounds, time_chart
from metrics.phase_series import Series, series_for
from metrics.stats.case import treatments_of, watching_alpha
from metrics.stats.proportions import wilson_interval
from metrics.stats.sequential import ConfidenceSequence, confidence_sequence
from metrics.stats.types import Arm, Interval
from metrics.verdicts import Judgement, rules_of

UTC_DAY = "%Y-%m-%d"
# More of them would cover each other; the numbers have them all.
MOST_BANDS = 3


def trend_plots(judgement: Judgement) -> list[Plot]:
    """Return the plots of a phase over its days, from its second day on; one query.

    Rates are left out where there is too little to say, the difference where it is withheld.
    """
    (growth,) = series_for(judgement.results)
    if len(growth.days) < 2:
        return []
    plots = []
    if not judgement.is_below_floor:
        plots.append(_rates(judgement, growth))
    if not judgement.is_withheld:
        plots.append(_difference(judgement, growth))
    return [*plots, *_daily(judgement, growth)]


def _arms(judgement: Judgement, growth: Series) -> list[tuple[Arm, ...]]:
    """Return each day's arms, of all that was counted up to its end, in the look's order."""
    by_day = [growth.arms(number) for number in range(len(growth.days))]
    return [tuple(arms[place] for place in judgement.places) for arms in by_day]


def _rates(judgement: Judgement, growth: Series) -> Plot:
    days, series = _arms(judgement, growth), series_of(judgement)
    numbers, has_bands = range(len(series)), len(series) <= MOST_BANDS
    return Plot(
        name="trend",
        drawing=Drawing.LINES,
        chart=time_chart(
            growth.days,
            [[arms[number].rate for arms in days] for number in numbers],
            [
                [_ends(wilson_interval(arms[number])) if has_bands else None for arms in days]
                for number in numbers
            ],
        ),
        title=_("Rate, day by day"),
        unit=_("Percent of all visitors up to the day, with the %(confidence)s interval")
        % {"confidence": figures.confidence(0.05)}
        if has_bands
        else _("Percent of all visitors up to the day"),
        across=_("Day, by UTC"),
        series=series,
        heads=heads_of(series),
        rows=_rows(
            growth,
            days,
            lambda arm: Cell(
                figures.percent(arm.rate),
                _("of %(number)s") % {"number": figures.count(arm.visitors)},
            ),
        ),
        sheet=_sheet(
            ("visitors", "conversions", "rate", "lower", "upper"),
            growth,
            series,
            [
                [
                    (arm.visitors, arm.conversions, arm.rate, *_numbers(wilson_interval(arm)))
                    for arm in arms
                ]
                for arms in days
            ],
        ),
        note=_(
            "The first days swing widely, as few visitors have come, and may leave the picture."
        ),
    )


def _difference(judgement: Judgement, growth: Series) -> Plot:
    series = series_of(judgement)[1:]
    alpha = watching_alpha(rules_of(judgement.plan), len(treatments_of(judgement.look)))
    looks = [
        [confidence_sequence(arms[0], arm, alpha) for arm in arms[1:]]
        for arms in _arms(judgement, growth)
    ]
    numbers = range(len(series))
    return Plot(
        name="difference",
        drawing=Drawing.LINES,
        chart=time_chart(
            growth.days,
            [[of_day[number].estimate for of_day in looks] for number in numbers],
            [[_ends(of_day[number].interval) for of_day in looks] for number in numbers],
            is_signed=True,
        ),
        title=_("Difference from the control, day by day"),
        unit=_("Percentage points, with the %(confidence)s confidence sequence")
        % {"confidence": figures.confidence(alpha)},
        across=_("Day, by UTC"),
        series=series,
        heads=heads_of(series),
        rows=_rows(growth, looks, _difference_cell),
        sheet=_sheet(
            ("difference", "lower", "upper"),
            growth,
            series,
            [[(look.estimate, *_numbers(look.interval)) for look in of_day] for of_day in looks],
        ),
        note=_(
            "The band narrows with each visitor and holds at every look: once it leaves 0, a "
            "difference is found."
        ),
    )


def _difference_cell(look: ConfidenceSequence) -> Cell:
    return Cell(figures.signed_points(look.estimate), figures.points_interval(look.interval))


def _daily(judgement: Judgement, growth: Series) -> Iterable[Plot]:
    for name, grown, title, unit in (
        (
            "visitors",
            growth.visitors,
            _("New visitors a day"),
            _("Visitors on their first day in the experiment"),
        ),
        (
            "conversions",
            growth.conversions,
            _("New conversions a day"),
            _("Visitors on the day they first reached the goal"),
        ),
    ):
        yield _columns(judgement, growth, name, grown, title=title, unit=unit)


def _columns(
    judgement: Judgement,
    growth: Series,
    name: str,
    grown: Sequence[Sequence[int]],
    *,
    title: str,
    unit: str,
) -> Plot:
    series = series_of(judgement)
    counts = [_by_day(grown[place]) for place in judgement.places]
    days = [[of_variant[number] for of_variant in counts] for number in range(len(growth.days))]
    return Plot(
        name=name,
        drawing=Drawing.COLUMNS,
        chart=column_chart(growth.days, counts),
        title=title,
        unit=unit,
        across=_("Day, by UTC"),
        series=series,
        heads=heads_of(series),
        rows=_rows(growth, days, lambda number: Cell(figures.count(number))),
        sheet=_sheet((name,), growth, series, [[(number,) for number in day] for day in days]),
    )


def _by_day(grown: Sequence[int]) -> list[int]:
    return [now - before for before, now in pairwise((0, *grown))]


def _rows(
    growth: Series, days: Sequence[Sequence[Any]], cell: Callable[[Any], Cell]
) -> tuple[Row, ...]:
    return tuple(
        Row(date_format(day, _("j M Y")), tuple(cell(value) for value in values))
        for day, values in zip(growth.days, days, strict=True)
    )


def _sheet(
    columns: Sequence[str],
    growth: Series,
    series: Sequence[Serie],
    days: Sequence[Sequence[tuple[Number, ...]]],
) -> Sheet:
    return Sheet(
        ("day", "variant", *columns),
        tuple(
            (day.strftime(UTC_DAY), serie.name, *numbers)
            for day, values in zip(growth.days, days, strict=True)
            for serie, numbers in zip(series, values, strict=True)
        ),
    )


def _ends(interval: Interval | None) -> Bounds:
    return (interval.lower, interval.upper) if interval else None


def _numbers(interval: Interval | None) -> tuple[Number, Number]:
    return (interval.lower, interval.upper) if interval else (None, None)
