"""Every verdict in a word, for lists and badges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from experiments.lifecycle import Decision, Status
from experiments.models import Experiment
from metrics.stats.types import Kind, Reason
from metrics.verdicts import Judgement


class Tone(StrEnum):
    """How a verdict looks; never the only thing that tells it."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    INFO = "info"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Words:
    """A verdict in a word, and how it looks."""

    label: Any
    tone: Tone


WORDS: Mapping[Kind, Words] = {
    Kind.INVALID: Words(gettext_lazy("Nothing to compare"), Tone.NEUTRAL),
    Kind.DATA_PROBLEM: Words(gettext_lazy("Data problem"), Tone.WARN),
    Kind.COLLECTING: Words(pgettext_lazy("verdict", "Collecting"), Tone.INFO),
    Kind.HARM: Words(gettext_lazy("Harm"), Tone.BAD),
    Kind.EARLY_WINNER: Words(gettext_lazy("Early winner"), Tone.GOOD),
    Kind.EARLY_LOSER: Words(gettext_lazy("Early loser"), Tone.BAD),
    Kind.WINNER: Words(gettext_lazy("Winner"), Tone.GOOD),
    Kind.LOSER: Words(gettext_lazy("Loser"), Tone.BAD),
    Kind.NO_DETECTABLE_DIFFERENCE: Words(gettext_lazy("No detectable difference"), Tone.NEUTRAL),
}
SO_FAR = Words(gettext_lazy("Undecided so far"), Tone.INFO)


def words_of(judgement: Judgement) -> Words:
    """Return the verdict in a word, as lists show it."""
    if judgement.verdict.reason in (Reason.BEFORE_PLANNED_END, Reason.WITHOUT_PLAN):
        return SO_FAR
    return WORDS[judgement.verdict.kind]


def decision_word(experiment: Experiment) -> Words | None:
    """Return in a word what was made of an experiment, whose variants are fetched.

    None while it goes on, and where the API completed it without a decision.
    """
    if experiment.status != Status.COMPLETED:
        return None
    if experiment.winner_id:
        winner = next(v for v in experiment.variants.all() if v.id == experiment.winner_id)
        return Words(_("%(variant)s shipped") % {"variant": winner.name}, Tone.GOOD)
    if experiment.decision == Decision.KEEP:
        return Words(_("Control kept"), Tone.NEUTRAL)
    if experiment.decision == Decision.INCONCLUSIVE:
        return Words(pgettext_lazy("decision", "Inconclusive"), Tone.NEUTRAL)
    return None
