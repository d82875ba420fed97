"""How far an experiment has come towards its planned end, and when it may get there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from metrics.verdicts import Judgement

SECONDS_A_DAY = 24 * 3600
# A forecast from less than this would be a guess.
LEAST_DAYS = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Visitors that came of those planned. `ends_on` is at the pace so far; None where unknown."""

    visitors: int
    planned: int
    full_days: int
    planned_days: int | None
    ends_on: date | None

    @property
    def share(self) -> float:
        return min(self.visitors / self.planned, 1.0)

    @property
    def percent(self) -> float:
        """The width of the bar."""
        return self.share * 100

    @property
    def is_complete(self) -> bool:
        return self.visitors >= self.planned


def progress_of(judgement: Judgement, now: datetime | None = None) -> Progress | None:
    """Return the progress towards the plan; None without one."""
    verdict, plan = judgement.verdict, judgement.plan
    if plan is None or verdict.planned_visitors is None:
        return None
    return Progress(
        visitors=verdict.visitors,
        planned=verdict.planned_visitors,
        full_days=judgement.look.full_days,
        planned_days=plan.days,
        ends_on=_end(judgement, verdict.planned_visitors, now or timezone.now()),
    )


def _end(judgement: Judgement, planned: int, now: datetime) -> date | None:
    missing = planned - judgement.verdict.visitors
    days = (now - judgement.phase.started_at).total_seconds() / SECONDS_A_DAY
    if judgement.phase.ended_at or missing <= 0 or days < LEAST_DAYS:
        return None
    pace = judgement.verdict.visitors / days
    to_go = missing / pace if pace else math.inf
    return (now + timedelta(days=math.ceil(to_go))).date() if to_go < 3650 else None
