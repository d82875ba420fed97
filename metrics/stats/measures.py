"""How long runs took and how far they were off, with the error that so many runs leave."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev


@dataclass(frozen=True, slots=True)
class Ended:
    """The look by which so large a share of the runs had ended.

    `lower` and `upper` are the looks at the ranks one Monte Carlo standard error away.
    """

    look: int
    lower: int
    upper: int


def ended(looks: Sequence[int], share: float) -> Ended:
    """By which look had this share of the runs ended? `looks` are theirs, in order, at least one.

    A rank's standard error is that of a binomial count, √(n·q·(1 − q)).
    """
    runs = len(looks)
    error = math.sqrt(runs * share * (1 - share))

    def at(rank: float) -> int:
        return looks[min(max(math.ceil(rank), 1), runs) - 1]

    return Ended(at(share * runs), at(share * runs - error), at(share * runs + error))


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None without any value."""
    return math.fsum(values) / len(values) if values else None


def standard_error(values: Sequence[float]) -> float | None:
    """Return the mean's standard error; None for fewer than two values."""
    return stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
