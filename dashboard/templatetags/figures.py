"""Numbers in templates: {{ visitors|count }}, {{ rate|percent }}, {{ test.p_value|p_value }}."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template

from dashboard import figures

register = template.Library()
register.filter("count", figures.count)
register.filter("percent", figures.percent)
register.filter("interval", figures.interval)
register.filter("p_value", figures.p_value)
register.filter("signed_percent", figures.signed_percent)
register.filter("signed_points", figures.signed_points)
register.filter("points", figures.points)
register.filter("amount", figures.amount)
register.filter("lift_interval", figures.lift_interval)
register.filter("points_interval", figures.points_interval)
register.filter("confidence", figures.confidence)


@register.filter
def svg_percent(length: float) -> str:
    """Return a length in percent of the drawing, in the notation of SVG whatever the language."""
    return f"{length:.3f}".rstrip("0").rstrip(".") + "%"


@register.filter
def svg_length(length: float) -> str:
    """Return a length in pixels, in the notation of SVG whatever the language."""
    return f"{length:g}"


@register.filter
def whole(number: float) -> str:
    """Return a number rounded to a whole one, with thousands separators."""
    return figures.count(round(number))


@register.filter
def beside(left: Iterable[Any], right: Sequence[Any]) -> list[tuple[Any, ...]]:
    """{% for serie, line in plot.series|beside:chart.lines %}: pair by pair, of one length.

    Once more makes triples.
    """
    pairs = zip(left, right, strict=True)
    return [(*one, other) if type(one) is tuple else (one, other) for one, other in pairs]
