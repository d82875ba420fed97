"""What was decided lately: it is what everybody sees now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dashboard.words import decision_word
from experiments.lifecycle import Status
from experiments.models import Experiment

LATELY = timedelta(days=14)
MOST = 5


@dataclass(frozen=True, slots=True)
class Decided:
    """A completed experiment with its decision in a word, which the API may have left out."""

    id: UUID
    name: str
    at: datetime | None
    word: str
    tone: str


def decided_lately(now: datetime) -> tuple[Decided, ...]:
    """Return what was completed in the last days, newest first. Two queries."""
    found = Experiment.objects.with_variants().filter(
        status=Status.COMPLETED, archived_at=None, completed_at__gte=now - LATELY
    )
    return tuple(_decided(experiment) for experiment in found.order_by("-completed_at")[:MOST])


def _decided(experiment: Experiment) -> Decided:
    words = decision_word(experiment)
    return Decided(
        id=experiment.id,
        name=experiment.name,
        at=experiment.completed_at,
        word=str(words.label) if words else "",
        tone=words.tone.value if words else "",
    )
