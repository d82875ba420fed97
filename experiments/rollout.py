"""For whom, and when, a toggle is on.

Standard library only: the same hash as assignment's, so that a visitor who has a feature keeps it
while its share of visitors grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from experiments.bucketing import bucket_of


@dataclass(frozen=True, slots=True)
class ToggleView:
    """A toggle as visitors meet it. `rollout` is the share of visitors in whole percent."""

    id: str
    enabled: bool
    rollout: int = 100
    turns_on_at: datetime | None = None
    turns_off_at: datetime | None = None

    @property
    def is_scheduled(self) -> bool:
        return self.turns_on_at is not None or self.turns_off_at is not None

    @property
    def is_for_some(self) -> bool:
        """Whether it is on for some visitors and off for others."""
        return self.enabled and 0 < self.rollout < 100

    def is_on_at(self, now: datetime) -> bool:
        """Return whether it is on at all at a moment, for however many."""
        if not self.enabled or self.rollout == 0:
            return False
        if self.turns_on_at is not None and now < self.turns_on_at:
            return False
        return self.turns_off_at is None or now < self.turns_off_at

    def is_on_for(self, visitor_id: str | None, now: datetime) -> bool:
        """Return whether this visitor has it; who isn't counted has what everybody has."""
        if not self.is_on_at(now):
            return False
        if self.rollout == 100:
            return True
        return visitor_id is not None and bucket_of(visitor_id, self.id) < self.rollout
