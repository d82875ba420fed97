"""A text as the code marks it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "experiments", "metrics", "landing", "dashboard")
TEMPLATES = PROJECT / "templates"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in English. `plural` and `context` where it is marked with them."""

    singular: str
    path: str
    line: int
    plural: str | None = None
    context: str | None = None


class Unreadable(Exception):
    """A text is marked in a way that no catalog can hold, such as an f-string."""
