"""Moments in templates: {% moment lead.created_at %}, {% moment experiment.started_at "day" %}."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

register = template.Library()

# By precision, as static/dashboard/times.js writes them too; a language may have its own.
FORMATS = {
    "minute": gettext_noop("j M Y, H:i"),
    "day": gettext_noop("j M Y"),
    "clock": gettext_noop("H:i:s"),
}
# On hover.
_IN_FULL = {
    "minute": FORMATS["minute"],
    "day": FORMATS["minute"],
    "clock": gettext_noop("j M Y, H:i:s"),
}


@register.simple_tag
def moment(when: datetime | None, precision: str = "minute", otherwise: str = "–") -> str:
    """Return a moment as a <time>: in UTC, which the script turns into the reader's own zone.

    On hover it is always UTC. `precision` is "minute", "day" or "clock" (the time of
    a day that is plain, with seconds); `otherwise` stands for None.
    """
    if when is None:
        return otherwise
    utc = when.astimezone(UTC)
    return _element(utc, precision, formatted(utc, gettext(FORMATS[precision])))


def _element(utc: datetime, precision: str, text: str) -> SafeString:
    return format_html(
        '<time class="moment" datetime="{}" title="{} UTC" data-moment="{}">{}</time>',
        utc.isoformat(timespec="seconds").replace("+00:00", "Z"),
        formatted(utc, gettext(_IN_FULL[precision])),
        precision,
        text,
    )
