"""The one look at the planned end: a fixed test, which holds because it is taken once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from metrics.stats.checks import require_open_probability
from metrics.stats.chi_squared import two_arm_p_value
from metrics.stats.multiple import holm
from metrics.stats.types import Arm, Kind


@dataclass(frozen=True, slots=True)
class PlannedLook:
    """The look at the planned end: the counts it saw, what they said, at which alpha. Stored once.

    `subject` is the index of the winning or losing arm. `p_values` and `holm_p_values` are of the
    treatments, in order; None for one that was left out. Raises ValueError for what never was one.
    """

    kind: Kind
    subject: int | None
    arms: tuple[Arm, ...]
    p_values: tuple[float | None, ...]
    holm_p_values: tuple[float | None, ...]
    alpha: float

    def __post_init__(self) -> None:
        if self.kind not in (Kind.WINNER, Kind.LOSER, Kind.NO_DETECTABLE_DIFFERENCE):
            raise ValueError(f"A look at the planned end never says {self.kind.value!r}.")
        treatments = len(self.arms) - 1
        if not len(self.p_values) == len(self.holm_p_values) == treatments:
            raise ValueError(f"A look at {treatments} treatments has as many p-values of a kind.")
        if self.subject is not None and not 0 < self.subject <= treatments:
            raise ValueError(f"Of {treatments} treatments none has the index {self.subject!r}.")
        require_open_probability("The planned alpha", self.alpha)

    @property
    def compared(self) -> list[int]:
        """The indices of the treatments that were tested."""
        return [i for i, p_value in enumerate(self.p_values, start=1) if p_value is not None]

    def as_json(self) -> dict[str, Any]:
        """Return the look as plain values, from which `from_json` makes the same look again."""
        return {
            "kind": self.kind.value,
            "subject": self.subject,
            "arms": [[arm.visitors, arm.conversions] for arm in self.arms],
            "pValues": list(self.p_values),
            "holmPValues": list(self.holm_p_values),
            "alpha": self.alpha,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the look that was stored. Raises KeyError or ValueError for what never was one."""
        return cls(
            kind=Kind(stored["kind"]),
            subject=stored["subject"],
            arms=tuple(Arm(visitors, conversions) for visitors, conversions in stored["arms"]),
            p_values=tuple(stored["pValues"]),
            holm_p_values=tuple(stored["holmPValues"]),
            alpha=stored["alpha"],
        )


def take(arms: Sequence[Arm], treatments: Sequence[int], alpha: float) -> PlannedLook:
    """Does any treatment convert better than the control, or worse, judged once at the end?

    Each of `treatments`, indices into `arms`, against arm 0 by the pooled z test, or by Fisher's
    exact test where an expected count is below 5; adjusted by Holm's procedure and held against
    alpha. The winner is the best of those that are better, else the loser the worst of those that
    are worse.
    """
    p_values = {index: two_arm_p_value(arms[0], arms[index]) for index in treatments}
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    gaps = {index: _gap(arms[0], arms[index]) for index in treatments if adjusted[index] < alpha}
    kind, subject = Kind.NO_DETECTABLE_DIFFERENCE, None
    if gaps:
        best, worst = max(gaps, key=gaps.__getitem__), min(gaps, key=gaps.__getitem__)
        kind, subject = (Kind.WINNER, best) if gaps[best] > 0 else (Kind.LOSER, worst)
    everyone = range(1, len(arms))
    return PlannedLook(
        kind=kind,
        subject=subject,
        arms=tuple(arms),
        p_values=tuple(p_values.get(index) for index in everyone),
        holm_p_values=tuple(adjusted.get(index) for index in everyone),
        alpha=alpha,
    )


def _gap(control: Arm, treatment: Arm) -> float:
    return treatment.conversions / treatment.visitors - control.conversions / control.visitors
