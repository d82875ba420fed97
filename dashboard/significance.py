"""What the classical test lets one say, in a word and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboard.figures import count
from metrics.results import Results, VariantResult
from metrics.stats.types import Reason

# Below these, in any variant, a verdict would be noise.
MIN_VISITORS, MIN_CONVERSIONS = 100, 10


class State(StrEnum):
    COLLECTING = "collecting"
    SIGNIFICANT = "significant"
    NOT_SIGNIFICANT = "not-significant"


@dataclass(frozen=True, slots=True)
class Significance:
    """The badge: its state, the sentence beside it, and p where there is enough to show one."""

    state: State
    sentence: str
    p_value: float | None = None
    fisher_p_value: float | None = None

    @property
    def label(self) -> str:
        return self.state.value.replace("-", " ").capitalize()


def significance_of(results: Results) -> Significance:
    """Return the badge for an experiment's results."""
    arms = [arm for arm in results.variants if arm.visitors or arm.variant.weight]
    shortfall = _shortfall(arms)
    if shortfall:
        return Significance(State.COLLECTING, shortfall)
    test = results.test
    is_approximate = test.reason is Reason.SMALL_EXPECTED_COUNT
    return Significance(
        state=State.SIGNIFICANT if test.significant else State.NOT_SIGNIFICANT,
        sentence=_sentence(significant=test.significant, several=len(arms) > 2),
        p_value=test.p_value,
        fisher_p_value=test.fisher_p_value if is_approximate else None,
    )


def _shortfall(arms: Sequence[VariantResult]) -> str:
    """Say what is missing for a verdict; nothing if nothing is."""
    if sum(1 for arm in arms if arm.visitors) < 2:
        return "A comparison needs visitors in at least two variants."
    short = min(arms, key=lambda arm: arm.visitors)
    if short.visitors < MIN_VISITORS:
        return (
            f"Every variant needs at least {MIN_VISITORS} visitors; "
            f"{short.variant.name} has {count(short.visitors)} so far."
        )
    short = min(arms, key=lambda arm: arm.conversions)
    if short.conversions < MIN_CONVERSIONS:
        return (
            f"Every variant needs at least {MIN_CONVERSIONS} conversions; "
            f"{short.variant.name} has {count(short.conversions)} so far."
        )
    return ""


def _sentence(*, significant: bool, several: bool) -> str:
    if not significant:
        return "The variants' rates don't differ by more than chance would explain."
    which = "At least one variant's rate differs" if several else "The two rates differ"
    return f"{which} by more than chance would explain."
