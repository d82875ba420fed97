"""What differs between a toggle as it is saved now and as somebody has typed it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.differences import Difference


def toggle_differences(saved: Mapping[str, Any], typed: Mapping[str, Any]) -> list[Difference]:
    """Compare a toggle's values, by field, as they are saved and as they were typed."""
    labels = {
        "enabled": _("Switch"),
        "rollout": _("Share of visitors"),
        "turns_on_at": _("Turns on"),
        "turns_off_at": _("Turns off"),
        "description": _("Description"),
    }
    return [
        Difference(label, _written(saved[field]), _written(typed[field]))
        for field, label in labels.items()
        if saved[field] != typed[field]
    ]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, datetime):
        return f"{date_format(value.astimezone(UTC), 'j M Y, H:i')} UTC"
    return f"{value} %" if isinstance(value, int) else value or _("(empty)")
