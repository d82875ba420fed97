"""One text of the landing page that staff may change, and how lists of them are written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

# Texts that may be longer than this get a field of several lines.
LONG = 150


@dataclass(frozen=True, slots=True)
class ContentKey:
    """One text of the page: its name in forms, its default, and the most characters it may have.

    `name` and `part` are in English; catalogs of translations are made from all keys' together.
    """

    key: str
    name: str
    default: str
    max_length: int
    is_long: bool = False
    part: str = "Page"

    @property
    def label(self) -> str:
        """The name, as its reader calls it."""
        return gettext(self.name)

    @property
    def group(self) -> str:
        """The part of the page that the text stands in; forms put a group's keys together."""
        return gettext(self.part)


def texts(group: str, *entries: tuple[str, str, int, str]) -> tuple[ContentKey, ...]:
    """Return a group's keys; an entry is (key, label, most characters, default)."""
    return tuple(
        ContentKey(key, label, default, max_length, max_length > LONG, group)
        for key, label, max_length, default in entries
    )


def blocks(
    group: str, name: str, parts: tuple[tuple[str, int], ...], rows: Iterable[tuple[str, ...]]
) -> tuple[ContentKey, ...]:
    """Return the keys of a repeated block: `feature_1_title`, `feature_1_text`, `feature_2_…`.

    `parts` are (part, most characters); each of `rows` has one default for each part.
    """
    return texts(
        group,
        *(
            (f"{name}_{number}_{part}", f"{name.capitalize()} {number}: {part}", most, default)
            for number, row in enumerate(rows, start=1)
            for (part, most), default in zip(parts, row, strict=True)
        ),
    )
