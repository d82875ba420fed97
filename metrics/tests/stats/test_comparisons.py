import pytest

from metrics.stats import bayes, proportions
from metrics.stats.comparisons import Comparison, compare_all
from metrics.stats.look import Look
from metrics.stats.types import Arm, Reason
from metrics.stats.verdict import decide
from metrics.tests.stats.looks import FAR_PLAN, PLAN, look_at

THREE = look_at((800, 80), (810, 100), (790, 60))


def test_figures_are_those_of_the_functions_that_they_name() -> None:
    first, second = compare_all(THREE, FAR_PLAN)
    test = proportions.compare(THREE.arms[0], THREE.arms[1])
    beliefs = bayes.compare(THREE.arms[0], THREE.arms[1])
    assert (first.z, first.p_value, first.reason) == (test.z, test.p_value, test.reason)
    assert first.chance_to_beat_control == beliefs.chance_to_beat_control
    assert first.expected_loss_treatment == beliefs.expected_loss_treatment
    assert first.expected_loss_control == beliefs.expected_loss_control
    assert first.holm_p_value == pytest.approx(
        min(1, max(first.p_value or 0, 2 * min(first.p_value or 0, second.p_value or 0)))
    )


@pytest.mark.parametrize("plan", [None, PLAN, FAR_PLAN])
def test_effect_beside_the_subject_is_the_verdicts(plan: object) -> None:
    verdict = decide(THREE, plan)  # type: ignore[arg-type]
    found = compare_all(THREE, plan, verdict.planned_look)  # type: ignore[arg-type]
    assert [one.index for one in found] == [1, 2]
    assert verdict.subject is not None
    assert found[verdict.subject - 1].effect == verdict.effect


def test_from_the_planned_end_on_figures_are_of_what_that_look_saw() -> None:
    at_end = look_at((1000, 100), (1000, 129))
    stored = decide(at_end, PLAN).planned_look
    later = look_at((9000, 900), (9000, 1900))
    assert compare_all(later, PLAN, stored) == compare_all(at_end, PLAN, stored)
    assert compare_all(later, PLAN) != compare_all(at_end, PLAN)


def test_treatment_without_visitors_has_a_reason_and_no_figures() -> None:
    look = Look((Arm(100, 10), Arm(0, 0), Arm(100, 20)), (1, 0, 1), 7)
    empty, other = compare_all(look, PLAN)
    assert empty == Comparison(1, reason=Reason.NO_VISITORS)
    assert other.index == 2
    assert other.effect is not None
    assert other.effect.alpha == PLAN.running_alpha


def test_nothing_is_compared_without_a_control() -> None:
    look = Look((Arm(0, 0), Arm(100, 20)), (1, 1), 7)
    assert compare_all(look) == (Comparison(1, reason=Reason.NO_VISITORS),)
    assert compare_all(look_at((100, 10))) == ()
    assert compare_all(look_at()) == ()


def test_lift_worth_having_is_ruled_out_treatment_by_treatment() -> None:
    look = look_at((100_000, 10_000), (100_000, 9_900), (100_000, 11_000))
    first, second = compare_all(look, FAR_PLAN)
    assert (first.minimum_lift_ruled_out, second.minimum_lift_ruled_out) == (True, True)
    wide = look_at((8000, 800), (8000, 600), (8000, 900))
    assert [one.minimum_lift_ruled_out for one in compare_all(wide, FAR_PLAN)] == [True, False]
    assert compare_all(wide)[0].minimum_lift_ruled_out is None
