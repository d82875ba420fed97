"""The first page: what runs, what wants attention, and which toggles were changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils import timezone

from dashboard.attention import Notice, Watched, may_be_silent, notices_of
from dashboard.bars import Sparkline, sparkline
from dashboard.decided import Decided, decided_lately
from dashboard.history.changes import changes_of
from dashboard.progress import Progress, progress_of
from dashboard.words import words_of
from experiments import audit
from experiments.audit import AuditFilter
from experiments.lifecycle import Status
from experiments.models import Experiment, Page
from experiments.models.audit import AuditedKind
from metrics.partitions import day_of
from metrics.phase_results import current_results_for
from metrics.recent import new_visitors_by_day, silent_since
from metrics.verdicts import Judgement, judgements_for

# How many days the course of visitors shows, today included.
DAYS = 14
# Toggles' changes of so long are of today, wherever the reader's day began.
TODAY = timedelta(hours=24)
MOST_CHANGES = 5


@dataclass(frozen=True, slots=True)
class Running:
    """An experiment that runs. `verdict` and `tone` are empty while nobody came; `page` is the
    landing page's name where there are several."""

    id: UUID
    name: str
    status: str
    status_label: str
    page: str
    phase: int
    verdict: str
    tone: str
    visitors: int
    today: int
    course: Sparkline
    progress: Progress | None


@dataclass(frozen=True, slots=True)
class ToggleChange:
    """Who did what to toggles, and when."""

    at: datetime
    actor: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the page, in plain values. `is_fresh` where there is no experiment at all."""

    running: tuple[Running, ...]
    notices: tuple[Notice, ...]
    changes: tuple[ToggleChange, ...]
    decided: tuple[Decided, ...]
    drafts: int
    is_fresh: bool

    @property
    def cursor(self) -> str:
        """Different whenever the page is."""
        return sha256(repr(self).encode()).hexdigest()[:16]


def home_of(now: datetime | None = None) -> Home:
    """Return the page, in as many queries for all experiments as for one."""
    now = now or timezone.now()
    # What is archived doesn't run and waits for nobody; that there is any is still worth knowing.
    unfinished = list(
        Experiment.objects.exclude(status=Status.COMPLETED)
        .filter(archived_at=None)
        .order_by("-started_at", "-created_at", "-id")
    )
    running = [e for e in unfinished if e.status != Status.DRAFT]
    drafts = [e for e in unfinished if e.status == Status.DRAFT]
    judgements = judgements_for(list(current_results_for(running).values()))
    watched = [
        Watched(e, judgements[e.id], progress_of(judgements[e.id], now))
        for e in running
        if e.id in judgements
    ]
    silent = silent_since([e.id for e in running if may_be_silent(e, now)], now=now)
    return Home(
        running=_running(watched, now),
        notices=tuple(notices_of(watched, drafts, silent, now)),
        changes=_toggle_changes(now),
        decided=decided_lately(now),
        drafts=len(drafts),
        is_fresh=not unfinished and not Experiment.objects.exists(),
    )


def _running(watched: Sequence[Watched], now: datetime) -> tuple[Running, ...]:
    days = [day_of(now) - timedelta(days=ago) for ago in reversed(range(DAYS))]
    visitors = new_visitors_by_day([one.experiment.id for one in watched], days[0])
    pages = dict(Page.objects.values_list("pk", "name")) if watched else {}
    return tuple(
        Running(
            id=one.experiment.id,
            name=one.experiment.name,
            status=one.experiment.status,
            status_label=str(one.experiment.get_status_display()),
            page=pages.get(one.experiment.page_id, "") if len(pages) > 1 else "",
            phase=one.judgement.phase.number,
            **_word(one.judgement),
            visitors=one.judgement.verdict.visitors,
            today=visitors[one.experiment.id].get(days[-1], 0),
            course=sparkline([visitors[one.experiment.id].get(day, 0) for day in days]),
            progress=one.progress,
        )
        for one in watched
    )


def _word(judgement: Judgement) -> dict[str, Any]:
    if not judgement.verdict.visitors:
        return {"verdict": "", "tone": ""}
    words = words_of(judgement)
    return {"verdict": str(words.label), "tone": words.tone.value}


def _toggle_changes(now: datetime) -> tuple[ToggleChange, ...]:
    # Two days of UTC hold the last 24 hours, and the log finds days.
    wanted = AuditFilter(kind=AuditedKind.TOGGLE.value, first=day_of(now - TODAY))
    groups = audit.page_of(wanted, size=MOST_CHANGES).changes
    recent = [group for group in groups if group[0].at >= now - TODAY]
    if not recent:
        return ()
    return tuple(
        ToggleChange(change.at, change.actor, tuple(change.sentences))
        for change in changes_of(recent)
    )
