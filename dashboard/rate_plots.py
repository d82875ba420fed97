"""The plots of the moment: rates and lifts with their intervals, and what visitors did."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import figures
from dashboard.charts import grouped_chart
from dashboard.interval_chart import interval_chart, rate_chart
from dashboard.plots import Cell, Drawing, Head, Plot, Row, Sheet, heads_of, series_of
from dashboard.rows import bounds_of
from experiments.event_types import EventType
from metrics.stats.comparisons import Comparison
from metrics.stats.proportions import wilson_interval
from metrics.stats.types import Kind
from metrics.verdicts import Judgement

_FOUND = (Kind.EARLY_WINNER, Kind.EARLY_LOSER, Kind.WINNER, Kind.LOSER)
# The way through the page. A visitor need not go it step by step.
STEPS: Mapping[EventType, object] = {
    EventType.PAGE_VIEW: gettext_lazy("Viewed the page"),
    EventType.SCROLL_DEPTH: gettext_lazy("Scrolled"),
    EventType.CTA_CLICK: gettext_lazy("Clicked a call to action"),
    EventType.FORM_SUBMIT: gettext_lazy("Signed up"),
}


def rates_plot(judgement: Judgement) -> Plot | None:
    """Return each variant's rate with its 95 % interval; None without visitors."""
    arms = judgement.look.arms
    intervals = [wilson_interval(arm) for arm in arms]
    places = [
        (arm.rate, found.lower, found.upper) if found and arm.rate is not None else None
        for arm, found in zip(arms, intervals, strict=True)
    ]
    if not any(places):
        return None
    series = series_of(judgement, [figures.percent(arm.rate) for arm in arms])
    known = list(zip(series, intervals, strict=True))
    return Plot(
        name="rates",
        drawing=Drawing.INTERVALS,
        chart=rate_chart(places),
        title=_("Rate of each variant"),
        unit=_("Percent of the variant's visitors, with the %(confidence)s interval")
        % {"confidence": figures.confidence(0.05)},
        across=_("Variant"),
        series=series,
        heads=(Head(_("Rate")), Head(_("Interval")), Head(_("Conversions"))),
        rows=tuple(
            Row(
                serie.name,
                (
                    Cell(figures.percent(serie.arm.rate)),
                    Cell(figures.interval(found)),
                    Cell(
                        figures.count(serie.arm.conversions),
                        _("of %(number)s") % {"number": figures.count(serie.arm.visitors)},
                    ),
                ),
            )
            for serie, found in known
        ),
        sheet=Sheet(
            ("variant", "visitors", "conversions", "rate", "lower", "upper"),
            tuple(
                (
                    *(serie.name, serie.arm.visitors, serie.arm.conversions, serie.arm.rate),
                    *((found.lower, found.upper) if found else (None, None)),
                )
                for serie, found in known
            ),
        ),
    )


def lift_plot(judgement: Judgement, compared: Mapping[int, Comparison]) -> Plot | None:
    """Return the treatments' lifts around zero; None where none may be said."""
    numbers = range(len(judgement.variants))
    places = [(0.0, 0.0, 0.0), *(bounds_of(compared.get(number)) for number in numbers[1:])]
    if not any(places[1:]):
        return None
    plan = judgement.plan
    texts = [
        figures.signed_percent(place[0]) if place and number else ""
        for number, place in zip(numbers, places, strict=True)
    ]
    series = series_of(judgement, texts)
    alpha = next(c.effect.alpha for c in compared.values() if c.effect)
    return Plot(
        name="lift",
        drawing=Drawing.INTERVALS,
        chart=interval_chart(places, mark=plan.minimum_lift if plan else None),
        title=_("Lift over the control"),
        unit=_("Percent of the control's rate, with the interval at %(confidence)s confidence")
        % {"confidence": figures.confidence(alpha)},
        across=_("Variant"),
        series=series,
        heads=(Head(_("Lift")), Head(_("Interval"))),
        rows=tuple(
            Row(serie.name, _lift_cells(compared.get(number)))
            for number, serie in enumerate(series)
        ),
        sheet=Sheet(
            ("variant", "lift", "lower", "upper"),
            tuple(
                (serie.name, *(place or (None, None, None)))
                for serie, place in zip(series, places, strict=True)
            ),
        ),
        note=_mark_note(judgement),
    )


def _lift_cells(comparison: Comparison | None) -> tuple[Cell, ...]:
    effect = comparison.effect if comparison else None
    if effect is None:
        return (Cell("0", _("the control")), Cell(figures.NOTHING))
    return (
        Cell(figures.signed_percent(effect.lift)),
        Cell(figures.lift_interval(effect.lift_interval)),
    )


def _mark_note(judgement: Judgement) -> str:
    told = _("An interval that doesn't touch 0 tells a difference.")
    effect = judgement.verdict.effect
    bounds = effect.lift_interval if effect else None
    is_found = judgement.verdict.kind in _FOUND
    if is_found and bounds and bounds.lower <= 0 <= bounds.upper:
        told = _(
            "The verdict goes by the difference in points, whose interval doesn't touch 0; so near "
            "the edge that of the lift may."
        )
    if judgement.plan is None:
        return told
    mark = _("The dashed line marks %(lift)s, the smallest lift worth having.")
    return f"{mark % {'lift': figures.signed_percent(judgement.plan.minimum_lift)}} {told}"


def funnel_plot(judgement: Judgement) -> Plot:
    """Return which share of each variant's visitors went how far."""
    results = [judgement.results.variants[place] for place in judgement.places]
    series = series_of(judgement)
    shares = [
        [r.visitors_by_type[step] / r.visitors if r.visitors else None for r in results]
        for step in STEPS
    ]
    return Plot(
        name="funnel",
        drawing=Drawing.BARS,
        chart=grouped_chart(shares),
        title=_("How far visitors go"),
        unit=_("Percent of the variant's visitors who did it at least once"),
        across=_("Step"),
        series=series,
        heads=heads_of(series),
        rows=tuple(
            Row(
                str(label),
                tuple(
                    Cell(
                        figures.percent(share),
                        _("%(number)s of %(visitors)s")
                        % {
                            "number": figures.count(result.visitors_by_type[step]),
                            "visitors": figures.count(result.visitors),
                        },
                    )
                    for share, result in zip(of_step, results, strict=True)
                ),
            )
            for (step, label), of_step in zip(STEPS.items(), shares, strict=True)
        ),
        sheet=Sheet(
            ("step", "variant", "visitors", "did_it", "share"),
            tuple(
                (step.value, r.variant.name, r.visitors, r.visitors_by_type[step], share)
                for step, of_step in zip(STEPS, shares, strict=True)
                for r, share in zip(results, of_step, strict=True)
            ),
        ),
        note=_(
            "Each step counts visitors, once each, of all that the variant had. Steps may be "
            "skipped: whoever signs up need not have clicked before."
        ),
    )
