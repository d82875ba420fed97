"""What was shown, and to whom it wasn't counted: pages shown = counted + excluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import Min, Sum

from metrics.models import PageCount

# Under this name the total is kept, which is raised apart from the reasons.
TOTAL = "shown"


class Reason(StrEnum):
    """What became of a page that was shown, in the order in which to tell it."""

    COUNTED = "counted"
    BOT = "bot"
    PREFETCH = "prefetch"
    PRIVACY_SIGNAL = "privacy_signal"
    STAFF = "staff"
    # Kept free for pages that staff look at through a preview's link.
    PREVIEW = "preview"
    # The experiment was paused, and the visitor had no variant in it.
    NOT_ENROLLED = "not_enrolled"
    DATABASE_DOWN = "database_down"


@dataclass(frozen=True, slots=True)
class Shown:
    """Pages that were shown while an experiment ran, since the first UTC day that has any.

    A counted page carried the visitor's own variant and the tracker. `excluded` has every other
    reason, in order, with 0 where there was no such page.
    """

    pages: int
    counted: int
    excluded: Mapping[Reason, int]
    since: date | None

    @property
    def adds_up(self) -> bool:
        return self.pages == self.counted + sum(self.excluded.values())


def shown_for(experiment_id: UUID) -> Shown:
    """Return what was shown of an experiment; a second behind at most, and read from a few rows."""
    rows = (
        PageCount.objects.filter(experiment_id=experiment_id)
        .values("reason")
        .annotate(total=Sum("pages"), since=Min("day"))
    )
    pages: dict[str, int] = {}
    days: list[date] = []
    for row in rows:
        pages[row["reason"]] = row["total"]
        days.append(row["since"])
    return Shown(
        pages=pages.get(TOTAL, 0),
        counted=pages.get(Reason.COUNTED, 0),
        excluded={r: pages.get(r, 0) for r in Reason if r is not Reason.COUNTED},
        since=min(days, default=None),
    )
