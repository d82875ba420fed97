"""Texts in the list of content keys: what forms call each, and its part of the page."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.texts import Text
from experiments.content_keys import CONTENT_KEYS

_PATH = "experiments/content_keys.py"


def texts_of_content() -> Iterator[Text]:
    for entry in CONTENT_KEYS:
        yield Text(entry.part, _PATH, 0)
        yield Text(entry.name, _PATH, 0)
