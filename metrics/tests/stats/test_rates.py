"""What the statistics promise, held by counting how often it comes true in 2,000 seeded runs."""

from collections.abc import Callable
from functools import cache
from itertools import accumulate
from random import Random

import pytest

from metrics.stats.binomial import Binomial
from metrics.stats.look import Direction, Guardrail, Look
from metrics.stats.multiple import holm
from metrics.stats.planned_look import take
from metrics.stats.proportions import compare
from metrics.stats.scenario import Scenario, looks_of
from metrics.stats.split_check import check_split
from metrics.stats.srm import sample_ratio_test, sequential_sample_ratio_test
from metrics.stats.tally import Report, simulate
from metrics.stats.types import Arm, Kind
from metrics.stats.verdict import decide

pytestmark = pytest.mark.slow

RUNS = 2000


@cache
def report_of(looks: int = 28, *, is_planned: bool = True) -> Report:
    """10 % against 12 %, 3,840 visitors for each."""
    return simulate(
        Scenario(baseline=0.1, lift=0.2, per_arm=3840, looks=looks, is_planned=is_planned), RUNS
    )


def test_one_look_at_p_errs_as_often_as_it_says() -> None:
    assert 0.035 <= report_of(1).without_effect.last_p_below.value <= 0.066


def test_stopping_at_the_first_small_p_of_twenty_looks_errs_in_a_quarter() -> None:
    assert 0.21 <= report_of(20).without_effect.any_p_below.value <= 0.28


def test_sequence_alone_errs_in_fewer_than_two_of_a_hundred() -> None:
    # Of 28 looks even: as often as the power below is looked for.
    found = report_of(is_planned=False).without_effect
    assert found.wins.value + found.losses.value <= 0.019


@pytest.mark.parametrize("looks", [1, 20, 28])
def test_plan_errs_in_one_of_twenty_at_most_however_often_one_looks(looks: int) -> None:
    found = report_of(looks).without_effect
    assert found.wins.value + found.losses.value <= 0.055
    assert found.data_problems.value <= 0.004


def test_plan_has_the_power_that_it_was_made_for() -> None:
    found = report_of().with_effect
    assert 0.74 <= found.right_wins.value <= 0.81
    assert found.losses.count == 0
    # A quarter ends early, which spares visitors.
    assert found.early_wins.value > 0.2
    assert found.mean_visitors < 0.95 * 7680


def test_sequence_alone_has_half_the_power() -> None:
    assert 0.46 <= report_of(is_planned=False).with_effect.right_wins.value <= 0.53


def test_early_winners_overstate_their_lift_and_the_sequence_alone_too() -> None:
    hybrid, alone = report_of().with_effect, report_of(is_planned=False).with_effect
    assert 1.7 <= (hybrid.early_overstatement or 0) <= 2.1
    assert 1.5 <= (alone.early_overstatement or 0) <= 1.9
    assert (hybrid.planned_overstatement or 0) == pytest.approx(1, abs=0.1)


def test_three_treatments_need_their_correction() -> None:
    scenario = Scenario(baseline=0.1, lift=0.2, per_arm=3840, looks=1, weights=(1,) * 4)
    uncorrected = corrected = 0
    for number in range(RUNS):
        (arms,) = looks_of(scenario, number, is_planted=False)
        p_values = [p for p in take(arms, [1, 2, 3], 0.04).p_values if p is not None]
        uncorrected += min(p_values) < 0.05
        corrected += min(holm(p_values)) < 0.05
    assert 0.11 <= uncorrected / RUNS <= 0.16
    assert corrected / RUNS <= 0.064


def test_plan_with_three_treatments_errs_no_more_often_and_names_the_right_one() -> None:
    runs = RUNS // 2
    found = simulate(Scenario(baseline=0.1, lift=0.3, per_arm=3840, weights=(1,) * 4), runs)
    without = found.without_effect
    assert without.wins.value + without.losses.value <= 0.055
    assert found.with_effect.right_wins.value > 0.9
    assert found.with_effect.wins.count - found.with_effect.right_wins.count < 0.01 * runs


def days_of(number: int, weights: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Visitors by arm at the end of each of 30 days of 400, dealt out as the split asks."""
    # Numbered streams: the runs are the same in any order.
    rng = Random(f"split/{number}")
    left = list(accumulate(reversed(weights)))[::-1]
    draws = [splitter(weight / rest) for weight, rest in zip(weights, left, strict=True)]
    seen, days = [0] * len(weights), []
    for _ in range(30):
        waiting = 400
        for index, draw in enumerate(draws):
            new = draw(waiting, rng)
            waiting -= new
            seen[index] += new
        days.append(tuple(seen))
    return days


@cache
def splitter(share: float) -> Callable[[int, Random], int]:
    return Binomial(min(share, 1.0)).draw


@pytest.mark.parametrize(("weights", "runs"), [((1, 1), RUNS // 2), ((80, 15, 5), RUNS // 2)])
def test_sample_ratio_that_is_looked_at_daily_needs_its_own_test(
    weights: tuple[int, ...], runs: int
) -> None:
    plain = sequential = checked = 0
    for number in range(runs):
        days = days_of(number, weights)
        plain += any(sample_ratio_test(day, weights).mismatch for day in days)
        sequential += any(sequential_sample_ratio_test(day, weights).mismatch for day in days)
        nobody = (Arm(0, 0),) * len(weights)
        checked += any(check_split(Look(nobody, weights, 0, enrolled=day)).mismatch for day in days)
    assert 0.004 <= plain / runs <= 0.02
    assert sequential / runs <= 0.004
    assert checked / runs <= 0.004


@pytest.mark.parametrize(
    ("visitors", "baseline", "rate"),
    [
        (500, 0.01, 0.01),
        (500, 0.05, 0.1),
        (500, 0.1, 0.1),
        (2000, 0.01, 0.02),
        (2000, 0.1, 0.05),
        (10_000, 0.02, 0.03),
    ],
)
def test_intervals_of_the_difference_cover_what_they_should(
    visitors: int, baseline: float, rate: float
) -> None:
    rng = Random(f"coverage/{visitors}/{baseline}/{rate}")
    control, treatment = Binomial(baseline), Binomial(rate)
    covered = 0
    for _ in range(RUNS):
        found = compare(
            Arm(visitors, control.draw(visitors, rng)), Arm(visitors, treatment.draw(visitors, rng))
        )
        assert found.difference_interval is not None
        covered += rate - baseline in found.difference_interval
    assert 0.933 <= covered / RUNS <= 0.97


def test_guardrails_raise_few_false_alarms_and_find_true_harm() -> None:
    def is_stopped(number: int, lift: float, *, is_planted: bool) -> bool:
        scenario = Scenario(baseline=0.05, lift=lift, per_arm=5000, seed=11)
        for arms in looks_of(scenario, number, is_planted=is_planted):
            rail = Guardrail("Errors", arms, Direction.UP)
            look = Look((Arm(200, 30),) * 2, (1, 1), 0, guardrails=(rail,))
            if decide(look).kind is Kind.HARM:
                return True
        return False

    runs = range(500)
    assert sum(is_stopped(n, 0.5, is_planted=False) for n in runs) <= 0.025 * len(runs)
    assert sum(is_stopped(n, 0.5, is_planted=True) for n in runs) >= 0.9 * len(runs)
