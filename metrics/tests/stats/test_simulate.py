from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.stats import naive
from metrics.stats import simulate as simulator
from metrics.stats.chi_squared import IndependenceTest, independence_test
from metrics.stats.measures import Ended
from metrics.stats.naive import is_significant, p_path
from metrics.stats.scenario import Scenario, looks_of
from metrics.stats.simulate import Run, simulate_run
from metrics.stats.tally import Report, simulate, tally
from metrics.stats.types import Arm, Kind
from metrics.tests.stats.oracles import arms, properties

USUAL = Scenario(baseline=0.1, lift=0.2, per_arm=3840)


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first = json.dumps(simulate(USUAL, 20).as_json())
    assert first == json.dumps(simulate(USUAL, 20).as_json())
    assert first != json.dumps(simulate(replace(USUAL, seed=8), 20).as_json())


def test_run_is_the_same_whichever_were_made_before() -> None:
    alone = simulate_run(USUAL, 5, is_planted=True)
    assert [simulate_run(USUAL, number, is_planted=True) for number in range(6)][5] == alone


@pytest.mark.parametrize(
    "scenario",
    [
        USUAL,
        replace(USUAL, lift=0.5),
        replace(USUAL, is_planned=False),
        replace(USUAL, looks=3),
        replace(USUAL, per_arm=400, looks=28),
        replace(USUAL, per_arm=20, looks=28),
        replace(USUAL, baseline=0.002, lift=2),
        replace(USUAL, baseline=0.98, lift=0.01),
        replace(USUAL, weights=(5, 3, 2), lift=0.3),
        replace(USUAL, weights=(1, 1, 1, 1), lift=0.4, is_planned=False),
    ],
)
def test_looks_that_are_passed_over_would_have_changed_nothing(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [simulate_run(scenario, number, is_planted=bool(number % 2)) for number in range(60)]
    monkeypatch.setattr(simulator, "may_end", lambda *_: True)
    thorough = [simulate_run(scenario, number, is_planted=bool(number % 2)) for number in range(60)]
    assert runs == thorough


def test_wrong_split_that_is_found_once_is_kept_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def skewed(*_: Any, **__: Any) -> list[tuple[Arm, Arm]]:
        early = [(Arm(600 * n, 60 * n), Arm(400 * n, 40 * n)) for n in range(1, 3)]
        return [*early, *[(Arm(2000, 200), Arm(2000, 200))] * 26]

    monkeypatch.setattr(simulator, "looks_of", skewed)
    assert simulate_run(USUAL, 0, is_planted=False).kind is Kind.DATA_PROBLEM


@properties
@given(st.lists(arms(max_visitors=10**6), min_size=1, max_size=6))
def test_quick_significance_is_that_of_the_test(found: list[Arm]) -> None:
    assert is_significant(found) == independence_test(found).significant


def test_quick_significance_agrees_right_at_the_limit() -> None:
    for visitors in (400, 1000, 5000):
        for conversions in range(visitors):
            pair = (Arm(visitors, visitors // 10), Arm(visitors, conversions))
            assert is_significant(pair) == independence_test(pair).significant


def test_statistic_near_the_limit_is_left_to_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def spy(arms: tuple[Arm, ...]) -> IndependenceTest:
        asked.append(arms)
        return independence_test(arms)

    monkeypatch.setattr(naive, "independence_test", spy)
    near, far = (Arm(1000, 100), Arm(1000, 128)), (Arm(1000, 100), Arm(1000, 200))
    monkeypatch.setattr(naive, "_NEAR", 0.05)
    assert [is_significant(near), is_significant(far)] == [True, True]
    assert asked == [near]


def test_visitors_come_evenly_and_all_of_them_in_the_planned_split() -> None:
    scenario = replace(USUAL, weights=(2, 1, 1), per_arm=10_000, looks=7)
    looks = list(looks_of(scenario, 1, is_planted=True))
    totals = [sum(arm.visitors for arm in look) for look in looks]
    assert totals == [40_000 * n // 7 for n in range(1, 8)]
    final = looks[-1]
    assert final[0].visitors == pytest.approx(20_000, abs=500)
    assert final[1].visitors == pytest.approx(10_000, abs=400)
    rates = [arm.rate for arm in final]
    assert rates == pytest.approx([0.1, 0.12, 0.1], abs=0.02)
    for before, after in pairwise(looks):
        for arm, grown in zip(before, after, strict=True):
            assert grown.visitors - arm.visitors >= grown.conversions - arm.conversions >= 0


def test_fewer_than_seven_looks_are_spread_over_a_week() -> None:
    # One look, at the planned end: without seven days it could decide nothing.
    kinds = {
        simulate_run(replace(USUAL, looks=1), number, is_planted=True).kind for number in range(30)
    }
    assert kinds == {Kind.WINNER, Kind.NO_DETECTABLE_DIFFERENCE}


def test_path_is_the_p_of_the_overall_test_at_each_look() -> None:
    path = p_path(USUAL, 3, is_planted=False)
    looks = list(looks_of(USUAL, 3, is_planted=False))
    assert len(path) == 28
    expected = [independence_test(arms).p_value for arms in looks]
    assert path == pytest.approx(expected, rel=1e-8)
    assert path != tuple(expected)
    assert simulate(USUAL, 4).paths[3] == path


def run(kind: Kind, **parts: Any) -> Run:
    usual = {"subject": None, "lift": None, "look": 28, "visitors": 7680}
    looks = {"p_below_at_any_look": False, "p_below_at_last_look": False}
    return Run(**{"is_planted": True, "kind": kind, **usual, **looks, **parts})


def test_tally_counts_each_end_once_and_measures_overstatement() -> None:
    found = tally(
        [
            run(Kind.EARLY_WINNER, subject=1, lift=0.5, look=10, visitors=2000),
            run(Kind.EARLY_WINNER, subject=2, lift=0.3, look=14, visitors=4000),
            run(Kind.WINNER, subject=1, lift=0.2, p_below_at_any_look=True),
            run(Kind.LOSER, subject=1, p_below_at_last_look=True),
            run(Kind.NO_DETECTABLE_DIFFERENCE, p_below_at_any_look=True),
            run(Kind.COLLECTING),
            run(Kind.INVALID),
            run(Kind.DATA_PROBLEM),
        ],
        lift=0.2,
    )
    counts = {
        name: getattr(found, name).count
        for name in ("wins", "early_wins", "right_wins", "losses", "undecided", "collecting")
    }
    assert counts == {
        "wins": 3,
        "early_wins": 2,
        "right_wins": 2,
        "losses": 1,
        "undecided": 1,
        "collecting": 2,
    }
    assert found.data_problems.count == 1
    assert (found.any_p_below.count, found.last_p_below.count) == (2, 1)
    assert found.wins.value == 3 / 8
    assert found.wins.error == pytest.approx((3 / 8 * 5 / 8 / 8) ** 0.5)
    assert found.mean_look == pytest.approx((10 + 14 + 6 * 28) / 8)
    assert found.mean_visitors == pytest.approx((2000 + 4000 + 6 * 7680) / 8)
    assert found.early_overstatement == pytest.approx(2)
    assert found.early_overstatement_error == pytest.approx(0.5)
    assert found.planned_overstatement == pytest.approx(1)
    # One alone doesn't tell how far off it may be.
    assert found.planned_overstatement_error is None
    assert found.findings.count == 4


def test_tally_tells_by_which_look_half_and_nine_in_ten_had_ended() -> None:
    runs = [run(Kind.EARLY_WINNER, subject=1, lift=0.3, look=look) for look in range(1, 101)]
    found = tally(runs, lift=0.2)
    # One standard error of the ranks: 5 of 100 at the half, 3 at nine in ten.
    assert found.half_ended == Ended(look=50, lower=45, upper=55)
    assert found.most_ended == Ended(look=90, lower=87, upper=93)
    alone = tally(runs[6:7], lift=0.2)
    assert alone.half_ended == alone.most_ended == Ended(7, 7, 7)


def test_report_is_read_back_from_its_plain_values() -> None:
    report = simulate(USUAL, 20)
    assert Report.from_json(json.loads(json.dumps(report.as_json()))) == report


def test_without_effect_no_win_is_right_and_nothing_is_overstated() -> None:
    found = tally([run(Kind.WINNER, is_planted=False, subject=1, lift=0.1)], lift=0.2)
    assert (found.wins.count, found.right_wins.count) == (1, 0)
    assert (found.early_overstatement, found.planned_overstatement) == (None, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"baseline": 0}, "The baseline rate must lie strictly between 0 and 1"),
        ({"baseline": 0.9}, "would be a rate above 1; at most 0.111111 is possible"),
        ({"lift": 0}, "The lift must be a number above 0"),
        ({"lift": -0.5}, "The lift must be a number above 0"),
        ({"per_arm": 0}, "Visitors per variant must be a number above 0"),
        ({"looks": 0}, "Looks are 1 to 1,000, not 0"),
        ({"looks": 1001}, "Looks are 1 to 1,000, not 1,001"),
        ({"per_arm": 10}, "28 looks need as many visitors at least, not 20"),
        ({"weights": (1,)}, "Variants are 2 to 20, not 1"),
        ({"weights": (1, 0)}, "A weight must be a number above 0"),
    ],
)
def test_scenario_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(USUAL, **changes)


@pytest.mark.parametrize("runs", [0, -1, 100_001])
def test_number_of_runs_that_tells_nothing_is_refused(runs: int) -> None:
    with pytest.raises(ValueError, match=r"(?i)runs? "):
        simulate(USUAL, runs)
