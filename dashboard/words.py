"""Every verdict in a word, for lists and badges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

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
