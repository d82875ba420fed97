import json
from dataclasses import replace

import pytest

from metrics.stats.look import Look, Plan
from metrics.stats.planned_look import PlannedLook
from metrics.stats.types import Arm, Kind
from metrics.stats.verdict import Verdict, decide
from metrics.tests.stats.looks import PLAN, guardrail, look_at


def stored_of(verdict: Verdict) -> PlannedLook:
    """The look to be stored, as it comes back from where it was kept."""
    assert verdict.planned_look is not None
    return PlannedLook.from_json(json.loads(json.dumps(verdict.planned_look.as_json())))


def test_first_look_is_to_be_stored_and_later_ones_do_not_test_again() -> None:
    first = decide(look_at((1000, 100), (1000, 129)), PLAN)
    assert first.is_planned_look
    assert first.kind is Kind.NO_DETECTABLE_DIFFERENCE
    later = decide(look_at((5000, 400), (5000, 900)), PLAN, stored_of(first))
    assert later.kind is Kind.NO_DETECTABLE_DIFFERENCE
    assert not later.is_planned_look
    assert (later.planned_look, later.effect) == (first.planned_look, first.effect)
    assert (later.is_final, later.visitors) == (True, 10_000)


def test_look_before_the_end_stores_nothing() -> None:
    verdict = decide(look_at((1000, 100), (999, 129)), PLAN)
    assert (verdict.is_planned_look, verdict.planned_look) == (False, None)
    assert (verdict.visitors, verdict.planned_visitors) == (1999, 2000)


@pytest.mark.parametrize(
    "parts",
    [
        {"full_days": 6},
        {"enrolled": (1200, 800)},
        {"guardrails": (guardrail((1000, 200), (1000, 100)),)},
    ],
)
def test_look_is_not_spent_while_something_else_is_said(parts: dict) -> None:
    verdict = decide(look_at((1000, 100), (1000, 150), **parts), PLAN)
    assert verdict.kind in (Kind.COLLECTING, Kind.DATA_PROBLEM, Kind.HARM)
    assert (verdict.is_planned_look, verdict.planned_look) == (False, None)


def test_stored_winner_gives_way_to_harm_and_to_a_data_problem() -> None:
    stored = stored_of(decide(look_at((1000, 100), (1000, 150)), PLAN))
    harm = guardrail((2000, 300), (2000, 100))
    for rails, kind in (((harm,), Kind.HARM), ((), Kind.WINNER)):
        look = look_at((2000, 200), (2000, 200), guardrails=rails)
        verdict = decide(look, PLAN, stored)
        assert (verdict.kind, verdict.planned_look) == (kind, stored)
    broken = decide(look_at((2000, 200), (1500, 200)), PLAN, stored)
    assert broken.kind is Kind.DATA_PROBLEM


def test_sample_is_that_of_the_smallest_share() -> None:
    look = Look((Arm(900, 90), Arm(100, 12)), (90, 10), full_days=7)
    assert decide(look, Plan(per_arm=100, minimum_lift=0.2)).is_planned_look
    assert not decide(look, Plan(per_arm=101, minimum_lift=0.2)).is_planned_look


def test_holm_and_not_the_plain_p_decides_over_several_treatments() -> None:
    # p = 0.0259 alone is below 0.04; twice as much isn't.
    alone = decide(look_at((1000, 100), (1000, 132)), PLAN)
    assert alone.kind is Kind.WINNER
    plan = replace(PLAN, per_arm=900)
    beside = decide(look_at((1000, 100), (1000, 132), (1000, 101)), plan)
    assert beside.kind is Kind.NO_DETECTABLE_DIFFERENCE
    assert beside.planned_look is not None
    assert beside.planned_look.p_values[0] == alone.planned_look.p_values[0]  # type: ignore[union-attr]
    assert beside.planned_look.holm_p_values[0] == 2 * beside.planned_look.p_values[0]  # type: ignore[operator]


@pytest.mark.parametrize(("conversions", "is_ruled_out"), [(102, False), (95, True)])
def test_no_difference_says_whether_the_lift_worth_having_is_ruled_out(
    conversions: int, is_ruled_out: bool
) -> None:
    verdict = decide(look_at((1000, 100), (1000, conversions)), replace(PLAN, minimum_lift=0.3))
    assert verdict.kind is Kind.NO_DETECTABLE_DIFFERENCE
    assert verdict.minimum_lift_ruled_out is is_ruled_out
    assert verdict.effect is not None
    assert not verdict.effect.holds_at_every_look


def test_stored_look_at_other_arms_is_refused() -> None:
    stored = stored_of(decide(look_at((1000, 100), (1000, 150)), PLAN))
    with pytest.raises(ValueError, match="at 2 variants was stored, not at 3"):
        decide(look_at((700, 70), (700, 70), (700, 70)), PLAN, stored)
