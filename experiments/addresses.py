"""Which addresses a landing page may have: none that leads elsewhere already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import gettext as _

# Not in use today; a page there would be in the way of what people expect to find, or of a proxy.
KEPT_FREE = frozenset({"admin", "assets", "health", "login", "media", "metrics", "www"})


@cache
def reserved_words() -> frozenset[str]:
    """Return the words with which some other address of the site begins."""
    patterns = get_resolver().url_patterns
    static = settings.STATIC_URL.strip("/").split("/")[0]
    return frozenset({*KEPT_FREE, static, *_first_words(patterns)})


def slug_problem(slug: str) -> str | None:
    """Return why a page can't be at `/<slug>/`, as a sentence, or None."""
    if slug in reserved_words():
        return _("“/%(word)s/” is kept for another part of the site. Choose another word.") % {
            "word": slug
        }
    return None


def _first_words(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        first = str(pattern.pattern).split("/")[0]
        if not first and isinstance(pattern, URLResolver):
            yield from _first_words(pattern.url_patterns)
        elif first and "<" not in first:
            yield first
