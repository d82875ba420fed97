"""Plans: from a rate and a lift to visitors, weeks and a date. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from metrics.stats.look import Plan
from metrics.stats.power import (
    DAYS_PER_WEEK,
    Duration,
    days_needed,
    minimum_detectable_effect,
    sample_size,
)

ALPHA = 0.05
# How ALPHA is spent: while running, safe at every look, and once at the planned end.
RUNNING_SHARE, PLANNED_SHARE = 0.2, 0.8
DEFAULT_RATE, DEFAULT_LIFT, DEFAULT_POWER = 0.05, 0.2, 0.8
SMALLEST_RATE, SMALLEST_LIFT, LARGEST_LIFT = 0.0001, 0.001, 100.0
# Longer than this, a date would only pretend to know.
LONGEST_DAYS = 3650
# For these many weeks a plan shows what they could tell.
WEEKS = (1, 2, 4, 8)


class ImpossiblePlan(Exception):
    """What was typed can't be planned with; `problems` says by field what would be possible."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Horizon:
    """What so many weeks could tell: the smallest lift that they find, None where none."""

    weeks: int
    lift: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a plan takes. Visitors are of the smallest variant, and `total` of all together.

    `alpha` is that of one comparison. `ends_on` is None without traffic to reckon with, or where
    it lies more than ten years away.
    """

    per_variant: int
    total: int
    treatments: int
    alpha: float
    expected_rate: float
    duration: Duration
    ends_on: date | None
    horizons: tuple[Horizon, ...]


def forecast_for(
    *,
    baseline_rate: float,
    minimum_lift: float,
    power: float,
    weights: Sequence[int],
    visitors_per_day: float | None,
    today: date,
) -> Forecast:
    """Say how many visitors and days it takes to find the smallest lift worth having.

    The sample is for one comparison of the control with a treatment, by Fleiss' formula at
    0.05/m for m treatments, as Holm's procedure asks of the first to be found. It is for the
    variant with the smallest share, on which the time depends; the larger ones only add power.
    Raises ImpossiblePlan.
    """
    require_possible(baseline_rate, minimum_lift, weights, visitors_per_day)
    shares = [weight for weight in weights if weight]
    treatments = sum(1 for weight in weights[1:] if weight)
    alpha = ALPHA / treatments
    expected_rate = min(baseline_rate * (1 + minimum_lift), 1.0)
    per_variant = sample_size(baseline_rate, expected_rate, alpha, power).per_arm or 1
    duration = days_needed(per_variant, visitors_per_day or 0, weights)
    days = duration.days
    return Forecast(
        per_variant=per_variant,
        total=Plan(per_variant, minimum_lift).total_visitors(weights),
        treatments=treatments,
        alpha=alpha,
        expected_rate=expected_rate,
        duration=duration,
        ends_on=today + timedelta(days=days) if days and days <= LONGEST_DAYS else None,
        horizons=tuple(
            Horizon(weeks, _lift_found(baseline_rate, weeks, alpha, power, shares, visitors))
            for weeks in WEEKS
            if (visitors := visitors_per_day)
        ),
    )


def _lift_found(
    baseline_rate: float,
    weeks: int,
    alpha: float,
    power: float,
    shares: Sequence[int],
    visitors_per_day: float,
) -> float | None:
    per_variant = visitors_per_day * weeks * DAYS_PER_WEEK * min(shares) / sum(shares)
    return minimum_detectable_effect(baseline_rate, per_variant, alpha, power).lift


def require_possible(
    baseline_rate: float,
    minimum_lift: float,
    weights: Sequence[int],
    visitors_per_day: float | None,
) -> None:
    """Refuse what can't be planned with. Raises ImpossiblePlan."""
    problems = {}
    if not SMALLEST_RATE <= baseline_rate <= 1 - SMALLEST_RATE:
        problems["baseline_rate"] = _("A baseline rate lies between 0.01 % and 99.99 %.")
    elif baseline_rate * (1 + minimum_lift) > 1:
        problems["minimum_lift"] = _(
            "A baseline of %(rate)s %% allows a lift of at most %(lift)s %%."
        ) % {"rate": _short(baseline_rate), "lift": _short(_largest_lift(baseline_rate))}
    if not SMALLEST_LIFT <= minimum_lift <= LARGEST_LIFT:
        problems["minimum_lift"] = _("The smallest lift lies between 0.1 % and 10,000 %.")
    if visitors_per_day is not None and not 0 <= visitors_per_day <= 1e9:
        problems["visitors_per_day"] = _("Visitors per day lie between 0 and 1,000,000,000.")
    if not weights or not weights[0]:
        problems["__all__"] = _(
            "The control gets no visitors by the traffic split. Give it a share: every other "
            "variant is compared with it."
        )
    elif not any(weights[1:]):
        problems["__all__"] = _(
            "Only the control gets visitors by the traffic split. Give another variant a share."
        )
    if problems:
        raise ImpossiblePlan(problems)


def _largest_lift(baseline_rate: float) -> float:
    """Return the lift to a rate of 100 %, rounded down so that it is possible."""
    return math.floor(round((1 / baseline_rate - 1) * 1000, 6)) / 1000


def _short(share: float) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".")
