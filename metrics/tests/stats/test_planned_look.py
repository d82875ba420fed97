import json
from dataclasses import replace

import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from metrics.stats.effect import planned_effect
from metrics.stats.planned_look import PlannedLook, take
from metrics.stats.proportions import compare
from metrics.stats.types import Arm, Kind

# Heart attacks among physicians on placebo and on aspirin: Steering Committee of the Physicians'
# Health Study Research Group, New England Journal of Medicine 321 (1989) 129–135.
PLACEBO, ASPIRIN = Arm(11034, 189), Arm(11037, 104)
ARMS = (Arm(1000, 100), Arm(1010, 135), Arm(990, 140), Arm(1000, 60))


def test_aspirin_trial_finds_the_treatment_lower() -> None:
    look = take((PLACEBO, ASPIRIN), [1], 0.04)
    assert (look.kind, look.subject) == (Kind.LOSER, 1)
    effect = planned_effect(look, 1)
    fixed = compare(PLACEBO, ASPIRIN, 0.04)
    assert (effect.difference_interval, effect.lift_interval) == (
        fixed.difference_interval,
        fixed.lift_interval,
    )
    assert effect.p_value == fixed.p_value
    # The published relative risk is 0.55.
    assert effect.lift == pytest.approx(0.55 - 1, abs=0.005)


def test_p_values_are_those_of_statsmodels_before_and_after_holm() -> None:
    look = take(ARMS, [1, 2, 3], 0.04)
    plain = [
        proportions_ztest([arm.conversions, ARMS[0].conversions], [arm.visitors, ARMS[0].visitors])[
            1
        ]
        for arm in ARMS[1:]
    ]
    assert look.p_values == pytest.approx(plain, rel=1e-9)
    assert look.holm_p_values == pytest.approx(multipletests(plain, method="holm")[1], rel=1e-9)


def test_best_of_the_better_wins_before_anybody_loses() -> None:
    assert (take(ARMS, [1, 2, 3], 0.04).kind, take(ARMS, [1, 2, 3], 0.04).subject) == (
        Kind.WINNER,
        2,
    )


def test_worst_loses_where_nobody_is_better() -> None:
    arms = (Arm(1000, 100), Arm(1000, 50), Arm(1000, 40), Arm(1000, 100))
    look = take(arms, [1, 2, 3], 0.04)
    assert (look.kind, look.subject) == (Kind.LOSER, 2)


def test_small_expected_counts_are_judged_by_fishers_test() -> None:
    arms = (Arm(200, 197), Arm(200, 200))
    expected = fisher_exact([[197, 3], [200, 0]])[1]
    assert take(arms, [1], 0.04).p_values == pytest.approx((expected,), rel=1e-9)


def test_arm_that_was_left_out_has_no_p_value_and_costs_no_correction() -> None:
    without = take(ARMS[:2], [1], 0.04)
    look = take((ARMS[0], Arm(0, 0), ARMS[1]), [2], 0.04)
    assert look.p_values == (None, *without.p_values)
    assert look.compared == [2]
    assert planned_effect(look, 2) == planned_effect(without, 1)


def test_intervals_share_alpha_between_the_treatments() -> None:
    look = take(ARMS, [1, 2, 3], 0.04)
    effect = planned_effect(look, 3)
    assert effect.alpha == pytest.approx(0.04 / 3)
    assert effect.lift_interval == compare(ARMS[0], ARMS[3], 0.04 / 3).lift_interval


def test_stored_look_comes_back_the_same() -> None:
    look = take((*ARMS, Arm(0, 0)), [1, 2, 3], 0.04)
    assert PlannedLook.from_json(json.loads(json.dumps(look.as_json()))) == look


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": Kind.COLLECTING}, "never says 'collecting'"),
        ({"subject": 4}, "Of 3 treatments none has the index 4"),
        ({"p_values": (0.5,)}, "as many p-values"),
        ({"alpha": 0.0}, "The planned alpha"),
    ],
)
def test_look_that_never_was_one_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(take(ARMS, [1, 2, 3], 0.04), **changes)
