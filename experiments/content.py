"""What a page or a variant may change: content keys, and the checks of their texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from experiments import content_sections
from experiments.content_key import ContentKey
from experiments.content_keys import CONTENT_KEYS

__all__ = ["CONTENT_KEYS", "DEFAULTS", "KEYS", "ContentKey", "content_errors", "labels_of"]

KEYS: Mapping[str, ContentKey] = {entry.key: entry for entry in CONTENT_KEYS}
DEFAULTS: Mapping[str, str] = {entry.key: entry.default for entry in CONTENT_KEYS}


def content_errors(content: Mapping[str, str]) -> dict[str, str]:
    """Return {content key: what is wrong} for the entries that a page couldn't show."""
    errors = {}
    for key, text in content.items():
        entry = KEYS.get(key)
        if entry is None:
            errors[key] = _("The page has no content key “%(key)s”.") % {"key": key}
        elif len(text) > entry.max_length:
            told = _("%(label)s takes at most %(most)s characters; this has %(length)s.")
            values = {"label": entry.label, "most": entry.max_length, "length": len(text)}
            errors[key] = told % values
        elif key == content_sections.KEY and (problem := content_sections.sections_problem(text)):
            errors[key] = problem
    return errors


def labels_of(keys: Iterable[str]) -> str:
    """Return the names of content keys for a sentence: “Hero badge, CTA wording”."""
    return ", ".join(KEYS[key].label if key in KEYS else key for key in sorted(keys))
