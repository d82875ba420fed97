"""What differs between a landing page as saved now and as somebody has typed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from dashboard.differences import Difference
from experiments.content import CONTENT_KEYS
from experiments.models import Page


def page_differences(
    saved: Page, *, name: str, slug: str, content: Mapping[str, str]
) -> list[Difference]:
    """Return the fields on which a saved page and what was typed disagree."""
    return [
        Difference(label, left, right)
        for label, left, right in _pairs(saved, name, slug, content)
        if left != right
    ]


def _pairs(
    saved: Page, name: str, slug: str, content: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    default = _("(the default)")
    yield _("Name"), saved.name, name
    yield _("Address"), saved.slug, slug
    for entry in CONTENT_KEYS:
        key = entry.key
        yield str(entry.label), saved.content.get(key, default), content.get(key, default)
