"""The way from a plan that is being made to its simulation."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.urls import reverse

from dashboard.forms.plans import typed_percent
from dashboard.planner import Planner
from dashboard.simulator import days_of
from metrics.stats.measures import Ended

register = template.Library()


@register.filter
def simulated(planner: Planner) -> str:
    """Return the simulator's address with what was typed, saved or not; needs a forecast."""
    path = reverse("dashboard:experiment-simulate", args=[planner.experiment.id])
    forecast = planner.forecast
    if forecast is None:
        return path
    typed = planner.form.cleaned_data
    settings = {
        "baseline_rate": typed_percent(typed["baseline_rate"]),
        "minimum_lift": typed_percent(typed["minimum_lift"]),
        "per_arm": forecast.per_variant,
        "days": days_of(forecast.duration.days),
    }
    return f"{path}?{urlencode(settings)}"


@register.filter
def give_or_take(ended: Ended) -> str:
    """Return by which day so many runs had ended; in brackets what chance leaves of it."""
    if ended.lower == ended.upper:
        return f"{ended.look}"
    return f"{ended.look} ({ended.lower}–{ended.upper})"
