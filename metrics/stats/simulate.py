"""What would happen if this plan were run a thousand times? Through the product's own verdict."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from metrics.stats.case import watching_alpha
from metrics.stats.look import Look
from metrics.stats.naive import is_significant
from metrics.stats.rules import SMALLEST_DAYS
from metrics.stats.scenario import Scenario, looks_of
from metrics.stats.srm import MISMATCH_BELOW
from metrics.stats.types import Arm, Kind
from metrics.stats.verdict import Verdict, decide

# How far from a limit a look must stay, so that the rounding of floats makes no difference.
_MARGIN = 0.999


@dataclass(frozen=True, slots=True)
class Run:
    """How one simulated experiment ended: with which verdict, about whom, when, on which lift.

    `is_planted` tells whether the first treatment was really better; `look` counts from 1.
    `p_below_at_…` are of whoever compares the overall chi-squared p with 0.05 instead.
    """

    is_planted: bool
    kind: Kind
    subject: int | None
    lift: float | None
    look: int
    visitors: int
    p_below_at_any_look: bool
    p_below_at_last_look: bool


def simulate_run(scenario: Scenario, number: int, *, is_planted: bool) -> Run:
    """Run one experiment, ended at its first final verdict, else after the last look.

    Looks that `may_end` rules out are not asked about, as they leave nothing behind. Raises
    ValueError for a run number below 0.
    """
    looks = list(looks_of(scenario, number, is_planted=is_planted))
    ended_at, verdict = _judge(scenario, looks)
    naive = [is_significant(arms) for arms in looks]
    return Run(
        is_planted=is_planted,
        kind=verdict.kind,
        subject=verdict.subject,
        lift=verdict.effect.lift if verdict.effect else None,
        look=ended_at,
        visitors=verdict.visitors,
        p_below_at_any_look=any(naive),
        p_below_at_last_look=naive[-1],
    )


def _judge(scenario: Scenario, looks: Sequence[tuple[Arm, ...]]) -> tuple[int, Verdict]:
    """At which look the experiment ends, and with what."""
    verdict = None
    for number_of_look, arms in enumerate(looks[:-1], start=1):
        if may_end(scenario, arms):
            verdict = _verdict(scenario, number_of_look, arms, verdict)
            if verdict.is_final:
                return number_of_look, verdict
    return len(looks), _verdict(scenario, len(looks), looks[-1], verdict)


def may_end(scenario: Scenario, arms: Sequence[Arm]) -> bool:
    """Whether `decide` could end the experiment before the last look, or find a wrong split.

    False, and sure of it, for nearly every look, in a fraction of the time. A sequence at alpha
    excludes 0 only where z² is above 2 ln(1/alpha), for its width is never less; and a Bayes factor
    against the split is at most the likelihood ratio, whose logarithm is at most the chi-squared
    statistic. Both with a margin for the rounding of floats.
    """
    if not all(arm.visitors for arm in arms):
        return True
    total, all_weights = sum(arm.visitors for arm in arms), sum(scenario.weights)
    statistic = 0.0
    for arm, weight in zip(arms, scenario.weights, strict=True):
        expected = total * weight / all_weights
        statistic += (arm.visitors - expected) ** 2 / expected
    if statistic > -_MARGIN * math.log(MISMATCH_BELOW):
        return True
    alpha = watching_alpha(scenario.plan if scenario.is_planned else None, len(arms) - 1)
    limit = -2 * _MARGIN * math.log(alpha)
    of_control, variance_of_control = _rate_and_variance(arms[0])
    for arm in arms[1:]:
        rate, variance = _rate_and_variance(arm)
        if (rate - of_control) ** 2 > limit * (variance + variance_of_control):
            return True
    return False


def _rate_and_variance(arm: Arm) -> tuple[float, float]:
    rate = arm.conversions / arm.visitors
    return rate, rate * (1 - rate) / arm.visitors


def _verdict(
    scenario: Scenario, number_of_look: int, arms: tuple[Arm, ...], previous: Verdict | None
) -> Verdict:
    """The verdict at one look, given the one before: what the product does day by day."""
    srm_p_value = previous.split.p_value if previous else None
    look = Look(
        arms=arms,
        weights=scenario.weights,
        full_days=max(scenario.looks, SMALLEST_DAYS) * number_of_look // scenario.looks,
        previous_srm_p_value=1.0 if srm_p_value is None else srm_p_value,
    )
    plan = scenario.plan if scenario.is_planned else None
    return decide(look, plan, previous.planned_look if previous else None)
