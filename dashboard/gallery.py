"""Examples of every component, for the page that shows them in development."""

from __future__ import annotations

import re
import uuid
from datetime import date
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dashboard.actions import Action
from dashboard.bars import interval_bar, sparkline
from dashboard.charts import stripes
from dashboard.differences import Difference
from dashboard.overview import Share
from dashboard.tables import Column, Table
from dashboard.tabs import Tab
from dashboard.time_chart import time_chart
from experiments.models import Experiment, Toggle, Variant

_DAYS = [date(2026, 11, day) for day in range(1, 5)]
COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"
ICONS = Path(settings.BASE_DIR) / "static" / "dashboard" / "icons.svg"
_COMMENT = re.compile(r"{% comment %}(.*?){% endcomment %}", re.DOTALL)


class ExampleForm(forms.Form):
    """Fields in the states that a person meets them in."""

    empty = forms.CharField(label=_("Name"), help_text=_("As people shall find it in the list."))
    filled = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea)
    wrong = forms.IntegerField(label=_("Share of the visitors"), min_value=0, max_value=100)
    choice = forms.ChoiceField(label=_("Power"), choices=[("80", "80 %"), ("90", "90 %")])
    tick = forms.BooleanField(label=_("Ask me before it starts"), required=False)


def components() -> list[str]:
    """Return the name of every component."""
    return sorted(path.stem for path in COMPONENTS.glob("*.html"))


def about(name: str) -> str:
    """Return what a component says about itself: what it is, and its arguments."""
    found = _COMMENT.search((COMPONENTS / f"{name}.html").read_text())
    text = re.sub(r"{% (end)?verbatim %}", "", found[1]) if found else ""
    return " ".join(text.split())


def examples() -> dict[str, Any]:
    """Return what the gallery's includes are given: nothing of it is stored."""
    typed = {"empty": "", "filled": "Two lines of it.", "wrong": "140", "choice": "80"}
    checked = ExampleForm(typed, auto_id="checked_%s")
    checked.is_valid()
    return {
        "form": ExampleForm(),
        "checked": checked,
        "icons": re.findall(r'<symbol id="([a-z-]+)"', ICONS.read_text()),
        "toasts": ["success", "info", "warning", "error"],
        "tones": ["good", "info", "warn", "bad", "neutral"],
        "tabs": [
            Tab(_("Results"), "#tabs", is_current=True),
            Tab(_("Content"), "#tabs", count=3),
            Tab(_("Plan"), "#tabs"),
            Tab(_("History"), "#tabs", count=12),
        ],
        "table": _table(),
        "shares": _shares(),
        "interval": interval_bar(lower=-0.01, estimate=0.06, upper=0.14, first=-0.1, last=0.2),
        "spark": sparkline([3, 5, 4, 8, 6, 9, 12, 11, 15]),
        "flat_spark": sparkline([4]),
        "chart": time_chart(_DAYS, [[0.1, 0.13, 0.12, 0.125], [0.12, 0.15, 0.14, 0.139]]),
        "lines": [
            {"color": share.variant.position, "variant": share.variant} for share in _shares()[:2]
        ],
        "toggles": [
            Toggle(id=uuid.UUID(int=number, version=4), key=f"example_{number}", enabled=enabled)
            for number, enabled in enumerate((True, False), start=1)
        ],
        "experiment": Experiment(id=uuid.UUID(int=3, version=4), name="An example"),
        "actions": [
            Action(
                name=look, label=look, url="#actions", title=look, text=look, is_primary=is_first
            )
            for look, is_first in (("resume", True), ("pause", False))
        ],
        "differences": [Difference(label=str(_("Name")), saved="Their name", typed="My name")],
    }


def _table() -> Table:
    return Table(
        caption=_("Visitors by variant"),
        columns=[
            Column(_("Variant")),
            Column(_("Visitors"), is_number=True),
            Column(_("Rate"), is_number=True),
        ],
        rows=[("control", "10,052", "12.5 %"), ("variant_a", "9,948", "13.9 %")],
    )


def _shares() -> list[Share]:
    weights = [50, 30, 20]
    names = ["control", "shorter", "shortest"]
    variants = [
        Variant(name=name, weight=weight, position=position)
        for position, (name, weight) in enumerate(zip(names, weights, strict=True))
    ]
    return [Share(v, stripe) for v, stripe in zip(variants, stripes(weights), strict=True)]
