from dataclasses import replace

import pytest

from metrics.stats.look import Direction, Look, Plan
from metrics.stats.rules import HARM_ALPHA, RULES
from metrics.stats.sequential import confidence_sequence
from metrics.stats.types import Arm, Kind, Reason
from metrics.stats.verdict import decide
from metrics.tests.stats.looks import FAR_PLAN, PLAN, guardrail, look_at


# For each verdict the smallest example that reaches it; beside it, one conversion or visitor short.
@pytest.mark.parametrize(
    ("look", "plan", "kind", "reason"),
    [
        (look_at(), PLAN, Kind.INVALID, Reason.FEWER_THAN_TWO_ARMS),
        (look_at((1, 0)), PLAN, Kind.INVALID, Reason.FEWER_THAN_TWO_ARMS),
        (look_at((5, 1), (0, 0)), PLAN, Kind.INVALID, Reason.FEWER_THAN_TWO_ARMS),
        (look_at((1, 0), (1, 0)), PLAN, Kind.COLLECTING, Reason.TOO_FEW_VISITORS),
        (look_at((150, 10), (99, 10)), PLAN, Kind.COLLECTING, Reason.TOO_FEW_VISITORS),
        (look_at((150, 9), (100, 10)), PLAN, Kind.COLLECTING, Reason.TOO_FEW_CONVERSIONS),
        (look_at((179, 30), (100, 10)), PLAN, Kind.DATA_PROBLEM, Reason.SAMPLE_RATIO_MISMATCH),
        (look_at((178, 30), (100, 10)), PLAN, Kind.NO_DETECTABLE_DIFFERENCE, None),
        (
            look_at((100, 10), (100, 10), full_days=6),
            PLAN,
            Kind.COLLECTING,
            Reason.TOO_FEW_DAYS,
        ),
        (
            look_at((100, 10), (100, 10)),
            PLAN,
            Kind.NO_DETECTABLE_DIFFERENCE,
            Reason.BEFORE_PLANNED_END,
        ),
        (look_at((100, 10), (100, 10)), None, Kind.NO_DETECTABLE_DIFFERENCE, Reason.WITHOUT_PLAN),
        (look_at((500, 50), (500, 93)), PLAN, Kind.EARLY_WINNER, Reason.SEQUENCE_EXCLUDES_ZERO),
        (look_at((500, 50), (500, 92)), PLAN, Kind.NO_DETECTABLE_DIFFERENCE, None),
        (look_at((500, 110), (500, 64)), PLAN, Kind.EARLY_LOSER, Reason.SEQUENCE_EXCLUDES_ZERO),
        (look_at((500, 110), (500, 65)), PLAN, Kind.NO_DETECTABLE_DIFFERENCE, None),
        (look_at((500, 50), (500, 87)), None, Kind.EARLY_WINNER, Reason.SEQUENCE_EXCLUDES_ZERO),
        (look_at((500, 50), (500, 86)), None, Kind.NO_DETECTABLE_DIFFERENCE, None),
        (look_at((1000, 100), (1000, 130)), PLAN, Kind.WINNER, Reason.PLANNED_TEST_REJECTS),
        (look_at((1000, 130), (1000, 100)), PLAN, Kind.LOSER, Reason.PLANNED_TEST_REJECTS),
        (look_at((1000, 130), (1000, 101)), PLAN, Kind.NO_DETECTABLE_DIFFERENCE, None),
        (look_at((1000, 100), (999, 130)), PLAN, Kind.NO_DETECTABLE_DIFFERENCE, None),
        (
            look_at((1000, 100), (1000, 129)),
            PLAN,
            Kind.NO_DETECTABLE_DIFFERENCE,
            Reason.AT_PLANNED_END,
        ),
    ],
)
def test_decide_reaches_each_verdict_with_its_smallest_example(
    look: Look, plan: Plan | None, kind: Kind, reason: Reason | None
) -> None:
    verdict = decide(look, plan)
    assert verdict.kind is kind
    assert reason in (None, verdict.reason)


def test_rules_are_asked_in_the_order_of_the_design() -> None:
    assert [rule.__name__.removeprefix("_") for rule in RULES] == [
        "invalid",
        "data_problem",
        "too_few",
        "harm",
        "too_early",
        "while_running",
        "at_planned_end",
        "not_yet",
    ]
    # One look that every rule could answer, with each rule's ground taken away in turn.
    harmed = guardrail((500, 200), (900, 100))
    everything = look_at((900, 9), (0, 0), full_days=0, guardrails=(harmed,))
    steps = [
        (everything, Kind.INVALID),
        (replace(everything, arms=(Arm(900, 90), Arm(500, 9))), Kind.DATA_PROBLEM),
        (replace(everything, arms=(Arm(900, 90), Arm(900, 9))), Kind.COLLECTING),
        (replace(everything, arms=(Arm(900, 90), Arm(900, 200))), Kind.HARM),
        (look_at((900, 90), (900, 200), full_days=0), Kind.COLLECTING),
        (look_at((900, 90), (900, 200)), Kind.EARLY_WINNER),
        (look_at((1100, 90), (1100, 200)), Kind.WINNER),
        (look_at((1100, 90), (1100, 91)), Kind.NO_DETECTABLE_DIFFERENCE),
    ]
    assert [decide(look, PLAN).kind for look, _ in steps] == [kind for _, kind in steps]


def test_collecting_names_the_slowest_arm_and_what_it_lacks() -> None:
    few = decide(look_at((120, 30), (99, 2), (90, 30)))
    assert (few.subject, few.have, few.need) == (2, 90, 100)
    rare = decide(look_at((120, 9), (110, 8), (120, 30)))
    assert (rare.reason, rare.subject, rare.have, rare.need) == (
        Reason.TOO_FEW_CONVERSIONS,
        1,
        8,
        10,
    )
    young = decide(look_at((120, 20), (110, 20), full_days=3))
    assert (young.subject, young.have, young.need, young.effect) == (None, 3, 7, None)


def test_arm_with_a_share_is_waited_for_and_one_without_is_not() -> None:
    arms = (Arm(150, 20), Arm(0, 0), Arm(150, 20))
    waiting = decide(Look(arms, (49, 2, 49), full_days=7))
    assert (waiting.reason, waiting.subject) == (Reason.TOO_FEW_VISITORS, 1)
    assert decide(Look(arms, (50, 0, 50), full_days=7)).kind is Kind.NO_DETECTABLE_DIFFERENCE


def test_control_without_visitors_is_waited_for() -> None:
    verdict = decide(Look((Arm(0, 0), Arm(200, 40), Arm(200, 90)), (0, 1, 1), full_days=7))
    assert (verdict.reason, verdict.subject) == (Reason.TOO_FEW_VISITORS, 0)


def test_data_problem_withholds_the_effect_and_shows_the_split() -> None:
    verdict = decide(look_at((600, 60), (400, 140)), PLAN)
    assert (verdict.kind, verdict.is_final) == (Kind.DATA_PROBLEM, False)
    assert verdict.effect is None
    assert verdict.split.observed == (600, 400)
    assert verdict.split.expected == (500, 500)


def test_split_is_checked_on_those_enrolled_where_they_are_given() -> None:
    look = look_at((500, 50), (500, 50), enrolled=(600, 400))
    assert decide(look).kind is Kind.DATA_PROBLEM
    assert decide(look_at((600, 50), (400, 50), enrolled=(500, 500))).kind is not Kind.DATA_PROBLEM


def test_mismatch_once_found_stays_found() -> None:
    found = decide(look_at((600, 60), (400, 40)))
    p_value = found.split.p_value
    assert p_value is not None
    later = decide(look_at((2000, 200), (2000, 200), previous_srm_p_value=p_value))
    assert (later.kind, later.split.p_value) == (Kind.DATA_PROBLEM, p_value)


class TestHarm:
    @pytest.mark.parametrize(
        ("worse", "arms", "is_harm"),
        [
            (Direction.DOWN, [(500, 100), (500, 61)], True),
            (Direction.UP, [(500, 100), (500, 61)], False),
            (Direction.UP, [(500, 50), (500, 100)], True),
            (Direction.DOWN, [(500, 100), (500, 62)], False),
            # Nobody gets through any more.
            (Direction.DOWN, [(500, 60), (500, 0)], True),
            # Too few have done it at all for the approximation.
            (Direction.UP, [(500, 0), (500, 9)], False),
        ],
    )
    def test_guardrail_wholly_on_its_bad_side_does_harm(
        self, worse: Direction, arms: list[tuple[int, int]], is_harm: bool
    ) -> None:
        rail = guardrail(*arms, worse=worse)
        verdict = decide(look_at((500, 50), (500, 50), guardrails=(rail,)), PLAN)
        assert (verdict.kind is Kind.HARM) == is_harm

    def test_harm_needs_no_seven_days_and_stops_even_a_winner(self) -> None:
        rail = guardrail((500, 100), (500, 40))
        verdict = decide(look_at((500, 50), (500, 150), full_days=0, guardrails=(rail,)), PLAN)
        assert (verdict.kind, verdict.reason) == (Kind.HARM, Reason.GUARDRAIL_WORSE)
        assert (verdict.guardrail, verdict.subject, verdict.is_final) == ("Orders", 1, True)
        assert verdict.effect is not None
        assert verdict.effect.difference_interval is not None
        assert verdict.effect.difference_interval.upper < 0

    def test_alpha_is_shared_by_guardrails_and_treatments(self) -> None:
        quiet, loud = (
            guardrail((500, 50), (500, 50), (500, 50)),
            replace(guardrail((500, 100), (500, 100), (500, 40)), name="Sign-ups"),
        )
        look = look_at((500, 50), (500, 50), (500, 50), guardrails=(quiet, loud))
        verdict = decide(look, PLAN)
        assert (verdict.guardrail, verdict.subject) == ("Sign-ups", 2)
        assert verdict.effect is not None
        assert verdict.effect.alpha == HARM_ALPHA / 4


class TestWhileRunning:
    def test_early_winner_is_final_and_its_lift_called_overstated(self) -> None:
        verdict = decide(look_at((500, 50), (500, 110)), PLAN)
        assert verdict.is_final
        assert verdict.is_lift_overstated
        assert verdict.effect is not None
        assert verdict.effect.alpha == 0.01
        assert verdict.effect.holds_at_every_look
        assert verdict.effect.lift == pytest.approx(1.2)

    def test_each_of_several_treatments_has_its_share_of_alpha(self) -> None:
        look = look_at((500, 50), (500, 50), (500, 110))
        planned, unplanned = decide(look, FAR_PLAN), decide(look)
        assert planned.effect is not None
        assert unplanned.effect is not None
        assert (planned.effect.alpha, unplanned.effect.alpha) == (0.005, 0.025)
        assert planned.subject == unplanned.subject == 2

    def test_best_of_several_winners_is_named(self) -> None:
        assert decide(look_at((500, 50), (500, 120), (500, 140), (500, 50))).subject == 2

    def test_loser_among_several_ends_nothing_until_all_have_lost(self) -> None:
        one = decide(look_at((500, 110), (500, 40), (500, 110)))
        assert (one.kind, one.subject, one.is_final) == (Kind.EARLY_LOSER, 1, False)
        both = decide(look_at((500, 110), (500, 40), (500, 41)))
        assert (both.kind, both.subject, both.is_final) == (Kind.EARLY_LOSER, 1, True)

    def test_interval_shown_excludes_zero_exactly_where_it_decides(self) -> None:
        for conversions in range(10, 200):
            verdict = decide(look_at((500, 60), (500, conversions)), FAR_PLAN)
            sequence = confidence_sequence(Arm(500, 60), Arm(500, conversions), 0.01)
            assert verdict.effect is not None
            assert verdict.effect.difference_interval == sequence.interval
            assert sequence.interval is not None
            assert (0 not in sequence.interval) == (
                verdict.kind in (Kind.EARLY_WINNER, Kind.EARLY_LOSER)
            )


def test_billions_of_visitors_are_judged_without_losing_digits() -> None:
    verdict = decide(look_at((10**9, 10**8), (10**9, 10**8 + 10**5)), FAR_PLAN)
    assert verdict.kind is Kind.WINNER
    assert verdict.effect is not None
    assert verdict.effect.lift == pytest.approx(1e-3, rel=1e-12)
