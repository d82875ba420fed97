"""What wants somebody's attention, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import figures
from dashboard.progress import Progress
from dashboard.sentences import statement_of
from dashboard.words import Tone
from experiments.lifecycle import Status
from experiments.models import Experiment
from metrics.recent import SILENCE
from metrics.stats.types import Kind, Reason
from metrics.verdicts import Judgement

# A draft that nobody touched for so long is one that somebody forgot.
FORGOTTEN = timedelta(days=7)
_TO_DECIDE = {
    Kind.EARLY_WINNER: Tone.GOOD,
    Kind.EARLY_LOSER: Tone.BAD,
    Kind.WINNER: Tone.GOOD,
    Kind.LOSER: Tone.BAD,
    Kind.NO_DETECTABLE_DIFFERENCE: Tone.INFO,
}
# No difference yet isn't one that was looked for and not found.
_SO_FAR = (Reason.BEFORE_PLANNED_END, Reason.WITHOUT_PLAN)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that wants attention. `subject` is what it is about, `label` what to do."""

    tone: str
    subject: str
    headline: str
    text: str
    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Watched:
    """A running experiment with what was found out about it."""

    experiment: Experiment
    judgement: Judgement
    progress: Progress | None


def notices_of(
    running: Sequence[Watched],
    drafts: Sequence[Experiment],
    silent: Collection[UUID],
    now: datetime,
) -> list[Notice]:
    """Return what wants attention, the most urgent first."""
    notices = [notice for one in running for notice in _of(one, silent, now)]
    order = (Tone.BAD, Tone.WARN, Tone.GOOD, Tone.INFO)
    notices.sort(key=lambda notice: order.index(Tone(notice.tone)))
    return [*notices, *_of_drafts(drafts, now)]


def may_be_silent(experiment: Experiment, now: datetime) -> bool:
    """Return whether an hour without an event would be odd: it runs, and was left alone so long."""
    return (
        experiment.status == Status.ACTIVE
        and experiment.started_at is not None
        and max(experiment.started_at, experiment.updated_at) <= now - SILENCE
    )


def _of(one: Watched, silent: Collection[UUID], now: datetime) -> Iterator[Notice]:
    yield from _of_verdict(one)
    if one.experiment.id in silent and may_be_silent(one.experiment, now):
        yield _silence(one.experiment)


def _of_verdict(one: Watched) -> Iterator[Notice]:
    kind = one.judgement.verdict.kind
    statement = statement_of(one.judgement)
    page = reverse("dashboard:experiment-detail", args=[one.experiment.id])
    look = _("Look at the results")
    name = one.experiment.name
    if kind in (Kind.DATA_PROBLEM, Kind.HARM):
        tone = Tone.BAD if kind is Kind.HARM else Tone.WARN
        yield Notice(tone.value, name, statement.headline, statement.known, page, look)
    elif kind in _TO_DECIDE and one.judgement.verdict.reason not in _SO_FAR:
        is_early = kind in (Kind.EARLY_WINNER, Kind.EARLY_LOSER)
        yield Notice(
            _TO_DECIDE[kind].value,
            name,
            statement.headline,
            _("You needn’t wait for the planned end.")
            if is_early
            else _("The planned end is reached. What do you make of it?"),
            page,
            _("Decide"),
        )
    elif one.progress and _is_late(one.progress):
        yield _delay(name, one.progress, page)


def _is_late(progress: Progress) -> bool:
    planned_days = progress.planned_days
    return bool(planned_days and progress.full_days > planned_days and not progress.is_complete)


def _delay(name: str, progress: Progress, page: str) -> Notice:
    text = ngettext(
        "%(have)s of %(planned)s visitors came in %(days)s day.",
        "%(have)s of %(planned)s visitors came in %(days)s days.",
        progress.full_days,
    ) % {
        "have": figures.count(progress.visitors),
        "planned": figures.count(progress.planned),
        "days": figures.count(progress.full_days),
    }
    headline = _("It takes longer than planned")
    return Notice(Tone.INFO.value, name, headline, text, page, _("Look at the results"))


def _silence(experiment: Experiment) -> Notice:
    return Notice(
        Tone.WARN.value,
        experiment.name,
        _("No events in the last hour"),
        _("It runs, and nothing arrives. Nobody may have come, or the tracker may be blocked."),
        f"{reverse('dashboard:events')}?experiment={experiment.id}",
        _("See what arrives"),
    )


def _of_drafts(drafts: Sequence[Experiment], now: datetime) -> Iterator[Notice]:
    forgotten = [draft for draft in drafts if draft.updated_at <= now - FORGOTTEN]
    if not forgotten:
        return
    count = len(forgotten)
    headline = ngettext(
        "A draft was left alone for a week",
        "%(count)s drafts were left alone for a week",
        count,
    ) % {"count": figures.count(count)}
    is_one = count == 1
    yield Notice(
        Tone.NEUTRAL.value,
        ", ".join(draft.name for draft in forgotten[:3]) + ("…" if count > 3 else ""),
        headline,
        _("Start it, or archive it.") if is_one else _("Start them, or archive them."),
        reverse("dashboard:experiment-detail", args=[forgotten[0].id])
        if is_one
        else f"{reverse('dashboard:experiment-list')}?status={Status.DRAFT}",
        _("Look at it") if is_one else _("Look at them"),
    )
