"""What components/tabs.html shows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Tab:
    """One of several pages of the same thing; `count` is how much is on it, where that helps."""

    label: str | Promise
    url: str
    is_current: bool = False
    count: int | None = None
