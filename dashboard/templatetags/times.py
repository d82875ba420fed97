"""Moments in templates: {% moment lead.created_at %}, {% moment experiment.started_at "day" %}."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# By precision, as static/dashboard/times.js writes them too.
FORMATS = {"minute": "j M Y, H:i", "day": "j M Y", "clock": "H:i:s"}
# On hover.
_IN_FULL = {"minute": "j M Y, H:i", "day": "j M Y, H:i", "clock": "j M Y, H:i:s"}


@register.simple_tag
def moment(when: datetime | None, precision: str = "minute", otherwise: str = "–") -> str:
    """Return a moment as a <time>: in UTC, which the script turns into the reader's own zone.

    On hover it is always UTC. `precision` is "minute", "day" or "clock" (the time of
    a day that is plain, with seconds); `otherwise` stands for None.
    """
    if when is None:
        return otherwise
    utc = when.astimezone(UTC)
    return _element(utc, precision, formatted(utc, FORMATS[precision]))


def _element(utc: datetime, precision: str, text: str) -> SafeString:
    return format_html(
        '<time class="moment" datetime="{}" title="{} UTC" data-moment="{}">{}</time>',
        utc.isoformat(timespec="seconds").replace("+00:00", "Z"),
        formatted(utc, _IN_FULL[precision]),
        precision,
        text,
    )
