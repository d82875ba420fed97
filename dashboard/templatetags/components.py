"""Components that hold something: {% card "Title" %}…{% endcard %}."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import slugify

register = template.Library()


@register.simple_block_tag
def card(
    content: SafeString,
    title: str,
    heading: str = "",
    level: int = 2,
    note: str = "",
    tone: str = "",
) -> str:
    """Put what stands between {% card "Title" %} and {% endcard %} on a card with that heading."""
    context = {
        "title": title,
        "id": heading or f"{slugify(title)}-title",
        "level": level,
        "note": note,
        "tone": tone,
        "body": content,
    }
    return render_to_string("components/card.html", context)
