"""What a verdict is decided from: an experiment's plan, and its figures at one look."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from metrics.stats.checks import (
    require_count,
    require_not_negative,
    require_open_probability,
    require_positive,
    require_probability,
)
from metrics.stats.types import Arm

# How the chance of a false win, 5 % in all, is spent: while running, and once at the planned end.
RUNNING_ALPHA = 0.01
PLANNED_ALPHA = 0.04


class Direction(StrEnum):
    """Where a rate moves when things get worse."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Plan:
    """What was settled before the start: how many visitors, and which lift is worth having.

    `per_arm` is for the arm with the smallest share of the split. `minimum_lift` is relative, 0.1
    for 10 %. The alphas are the chances of a false win, while running and once at the planned end.
    Raises ValueError for a plan that cannot be.
    """

    per_arm: int
    minimum_lift: float
    running_alpha: float = RUNNING_ALPHA
    planned_alpha: float = PLANNED_ALPHA

    def __post_init__(self) -> None:
        object.__setattr__(self, "per_arm", require_count("Visitors per variant", self.per_arm))
        require_positive("The planned number of visitors per variant", self.per_arm)
        require_positive("The smallest lift worth having", self.minimum_lift)
        require_open_probability("The running alpha", self.running_alpha)
        require_open_probability("The planned alpha", self.planned_alpha)

    def total_visitors(self, weights: Sequence[float]) -> int:
        """Return how many visitors all arms need together, for the smallest to get its share."""
        return _total_visitors(self.per_arm, tuple(weights))


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A goal that must not get worse: its arms, control first, and which direction is worse."""

    name: str
    arms: tuple[Arm, ...]
    worse: Direction

    def __post_init__(self) -> None:
        object.__setattr__(self, "arms", tuple(self.arms))
        object.__setattr__(self, "worse", Direction(self.worse))


@dataclass(frozen=True, slots=True)
class Look:
    """An experiment's figures at one moment, all of the current phase, arms in variant order.

    The control is the first arm. `weights` is the split in any unit. `full_days` are the whole days
    since the phase began. `enrolled` are the visitors whom the split dealt out, for the check of
    the sample ratio; the arms' visitors where it is not given. `previous_srm_p_value` is the
    smallest that a verdict of this phase has named. Raises ValueError for figures that cannot be.
    """

    arms: tuple[Arm, ...]
    weights: tuple[float, ...]
    full_days: int
    enrolled: tuple[int, ...] | None = None
    guardrails: tuple[Guardrail, ...] = ()
    previous_srm_p_value: float = 1.0

    def __post_init__(self) -> None:
        for name in ("arms", "weights", "guardrails"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.enrolled is not None:
            object.__setattr__(self, "enrolled", tuple(self.enrolled))
            _require_same_length("numbers of enrolled visitors", self.enrolled, self.arms)
        _require_same_length("weights", self.weights, self.arms)
        for guardrail in self.guardrails:
            _require_same_length(f"arms of {guardrail.name!r}", guardrail.arms, self.arms)
        for weight in self.weights:
            require_not_negative("A weight", weight)
        if self.arms and not any(self.weights):
            raise ValueError(f"One of {len(self.weights)} weights must be above 0, and all are 0.")
        object.__setattr__(self, "full_days", require_count("Full days", self.full_days))
        require_probability("The previous p-value", self.previous_srm_p_value)


@lru_cache(maxsize=256)
def _total_visitors(per_arm: int, weights: tuple[float, ...]) -> int:
    # The decimals that were meant: 0.3 as three tenths, not as the nearest float below it.
    shares = [Fraction(str(weight)) for weight in weights if weight]
    return math.ceil(per_arm * sum(shares) / min(shares)) if shares else 0


def _require_same_length(what: str, values: Sequence[object], arms: Sequence[Arm]) -> None:
    if len(values) != len(arms):
        raise ValueError(f"{len(values)} {what} cannot belong to {len(arms)} variants.")
