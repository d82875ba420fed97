"""What the statistics take in and give back."""

import math
from dataclasses import dataclass
from enum import StrEnum

from metrics.stats.checks import require_count, require_not_negative


class Reason(StrEnum):
    """Why a figure is missing, or must be read with care."""

    FEWER_THAN_TWO_ARMS = "fewer_than_two_arms"
    NO_VISITORS = "no_visitors"
    NOBODY_CONVERTED = "nobody_converted"
    EVERYBODY_CONVERTED = "everybody_converted"
    SMALL_EXPECTED_COUNT = "small_expected_count"
    CONTROL_WITHOUT_CONVERSIONS = "control_without_conversions"
    TREATMENT_WITHOUT_CONVERSIONS = "treatment_without_conversions"
    VISITORS_WITHOUT_WEIGHT = "visitors_without_weight"
    TOO_FEW_VALUES = "too_few_values"
    NO_VARIANCE = "no_variance"
    NO_EFFECT = "no_effect"
    OUT_OF_REACH = "out_of_reach"
    NO_TRAFFIC = "no_traffic"
    # Of verdicts.
    SAMPLE_RATIO_MISMATCH = "sample_ratio_mismatch"
    TOO_FEW_VISITORS = "too_few_visitors"
    TOO_FEW_CONVERSIONS = "too_few_conversions"
    TOO_FEW_DAYS = "too_few_days"
    GUARDRAIL_WORSE = "guardrail_worse"
    SEQUENCE_EXCLUDES_ZERO = "sequence_excludes_zero"
    PLANNED_TEST_REJECTS = "planned_test_rejects"
    BEFORE_PLANNED_END = "before_planned_end"
    WITHOUT_PLAN = "without_plan"
    AT_PLANNED_END = "at_planned_end"


class Kind(StrEnum):
    """What is known about an experiment, in the order in which it is asked."""

    INVALID = "invalid"
    DATA_PROBLEM = "data_problem"
    COLLECTING = "collecting"
    HARM = "harm"
    EARLY_WINNER = "early_winner"
    EARLY_LOSER = "early_loser"
    WINNER = "winner"
    LOSER = "loser"
    NO_DETECTABLE_DIFFERENCE = "no_detectable_difference"


@dataclass(frozen=True, slots=True)
class Arm:
    """How many visitors one variant had, and how many of them converted.

    Raises ValueError for counts that cannot be.
    """

    visitors: int
    conversions: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "visitors", require_count("Visitors", self.visitors))
        object.__setattr__(self, "conversions", require_count("Conversions", self.conversions))
        if self.conversions > self.visitors:
            raise ValueError(
                f"{self.conversions} conversions of {self.visitors} visitors cannot be: "
                "a visitor converts at most once."
            )

    @property
    def rate(self) -> float | None:
        """The share of visitors who converted, 0 to 1; None without visitors."""
        return self.conversions / self.visitors if self.visitors else None


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed range of values, in the unit of the figure it belongs to."""

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not self.lower <= self.upper:
            raise ValueError(f"An interval cannot run from {self.lower!r} to {self.upper!r}.")

    def __contains__(self, value: float) -> bool:
        return self.lower <= value <= self.upper


@dataclass(frozen=True, slots=True)
class Sample:
    """One numeric value per visitor, summed up: how many, their mean, their variance.

    The variance is the sample's, with n − 1 in the denominator; with fewer than two values it
    means nothing and is not read. Raises ValueError for figures that cannot be.
    """

    n: int
    mean: float
    variance: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", require_count("The number of values", self.n))
        if not math.isfinite(self.mean):
            raise ValueError(f"The mean must be a finite number, not {self.mean!r}.")
        require_not_negative("The variance", self.variance)
