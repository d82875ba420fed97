"""Words with their explanation: {% term "lift" %}, or {% term "lift" _("Lifts") %}."""

from __future__ import annotations

import secrets

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from dashboard.glossary import GLOSSARY

register = template.Library()


@register.simple_tag
def term(key: str, word: str = "") -> SafeString:
    """Return a word of the glossary as one can ask for its meaning. Raises KeyError."""
    entry = GLOSSARY[key]
    context = {
        # The same word may stand on a page several times, and come with parts of it later.
        "id": f"term-{key}-{secrets.token_hex(4)}",
        "word": word or gettext(entry.word),
        "text": gettext(entry.text),
    }
    # Without the line's end, which would part it from a full stop.
    return SafeString(render_to_string("components/term.html", context).strip())
