from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.stats.look import Direction, Guardrail, Look, Plan
from metrics.stats.planned_look import PlannedLook
from metrics.stats.types import Arm, Interval, Kind
from metrics.stats.verdict import Verdict, decide
from metrics.tests.stats.oracles import properties


@st.composite
def realistic_arms(draw: st.DrawFn, *, least: int = 2, most: int = 4) -> tuple[Arm, ...]:
    """Arms of about one size and rate, different from each other, as experiments have them."""
    size, rate = draw(st.integers(80, 50_000)), draw(st.floats(0.02, 0.6))
    found = []
    for _ in range(draw(st.integers(least, most))):
        visitors = size + draw(st.integers(-20, 20))
        spread = 4 * (visitors * rate) ** 0.5
        conversions = round(visitors * rate + draw(st.floats(-1, 1)) * spread)
        found.append(Arm(visitors, min(max(conversions, 0), visitors)))
    return tuple(found)


plans = st.one_of(
    st.none(),
    st.builds(Plan, per_arm=st.integers(100, 60_000), minimum_lift=st.sampled_from([0.05, 0.5])),
)
days = st.integers(0, 30)
looks = st.builds(
    lambda arms, full_days: Look(arms, (1,) * len(arms), full_days), realistic_arms(), days
)
MIRRORED = {
    Kind.EARLY_WINNER: Kind.EARLY_LOSER,
    Kind.EARLY_LOSER: Kind.EARLY_WINNER,
    Kind.WINNER: Kind.LOSER,
    Kind.LOSER: Kind.WINNER,
}


def subject_arm(look: Look, verdict: Verdict) -> Arm | None:
    return None if verdict.subject is None else look.arms[verdict.subject]


@properties
@given(looks, plans)
def test_every_look_has_a_verdict_that_fits_its_parts(look: Look, plan: Plan | None) -> None:
    verdict = decide(look, plan)
    is_judged = verdict.kind not in (Kind.INVALID, Kind.DATA_PROBLEM, Kind.COLLECTING)
    assert (verdict.effect is not None) == is_judged
    assert (verdict.need is not None) == (verdict.kind is Kind.COLLECTING)
    assert verdict.is_planned_look == (verdict.planned_look is not None)
    if verdict.planned_look:
        assert PlannedLook.from_json(verdict.planned_look.as_json()) == verdict.planned_look


@properties
@given(looks, plans)
def test_permuting_treatments_permutes_the_verdict(look: Look, plan: Plan | None) -> None:
    verdict = decide(look, plan)
    for order in permutations(look.arms[1:]):
        moved = replace(look, arms=(look.arms[0], *order))
        other = decide(moved, plan)
        assert (other.kind, other.reason, other.is_final) == (
            verdict.kind,
            verdict.reason,
            verdict.is_final,
        )
        # Arms with equal counts are equally slow, whoever is named.
        if verdict.kind is not Kind.COLLECTING:
            assert subject_arm(moved, other) == subject_arm(look, verdict)
        assert other.split.p_value == pytest.approx(verdict.split.p_value, rel=1e-9)


@properties
@given(realistic_arms(most=2), days, plans)
def test_swapping_control_and_treatment_mirrors_the_verdict(
    arms: tuple[Arm, ...], full_days: int, plan: Plan | None
) -> None:
    verdict = decide(Look(arms, (1, 1), full_days), plan)
    swapped = decide(Look(arms[::-1], (1, 1), full_days), plan)
    assert swapped.kind is MIRRORED.get(verdict.kind, verdict.kind)
    if verdict.effect and swapped.effect:
        assert swapped.effect.difference == pytest.approx(-(verdict.effect.difference or 0))
        assert swapped.effect.p_value == pytest.approx(verdict.effect.p_value, rel=1e-9)
        assert mirrored(swapped.effect.difference_interval) == pytest.approx(
            ends(verdict.effect.difference_interval)
        )


def ends(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    return interval.lower, interval.upper


def mirrored(interval: Interval | None) -> tuple[float, float]:
    lower, upper = ends(interval)
    return -upper, -lower


@properties
@given(looks, plans, st.data())
def test_arm_without_visitors_and_share_changes_nothing(
    look: Look, plan: Plan | None, data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(look.arms)))
    empty = Look(
        (*look.arms[:place], Arm(0, 0), *look.arms[place:]),
        (*look.weights[:place], 0, *look.weights[place:]),
        look.full_days,
    )
    before, after = decide(look, plan), decide(empty, plan)
    assert (after.kind, after.reason, after.effect) == (before.kind, before.reason, before.effect)
    assert (after.have, after.need, after.is_final) == (before.have, before.need, before.is_final)
    assert (after.planned_visitors, after.minimum_lift_ruled_out) == (
        before.planned_visitors,
        before.minimum_lift_ruled_out,
    )
    assert after.split.p_value == before.split.p_value
    assert subject_arm(empty, after) == subject_arm(look, before)


@properties
@given(looks, plans, st.floats(0.001, 1000))
def test_unit_of_the_weights_changes_nothing(look: Look, plan: Plan | None, unit: float) -> None:
    other = decide(replace(look, weights=(unit,) * len(look.arms)), plan)
    assert other.kind is decide(look, plan).kind


@properties
@given(looks, st.lists(realistic_arms(least=4), min_size=2, max_size=6))
def test_srm_p_value_never_rises_over_looks(look: Look, later: list[tuple[Arm, ...]]) -> None:
    p_value = 1.0
    for arms in later:
        enrolled = tuple(arm.visitors for arm in arms)[: len(look.arms)]
        found = decide(replace(look, enrolled=enrolled, previous_srm_p_value=p_value)).split.p_value
        assert found is not None
        assert found <= p_value
        p_value = found


@properties
@given(realistic_arms(most=2), plans)
def test_mirrored_guardrail_harms_in_the_other_direction(
    arms: tuple[Arm, ...], plan: Plan | None
) -> None:
    quiet = (Arm(1000, 300), Arm(1000, 300))
    down = Look(quiet, (1, 1), 7, guardrails=(Guardrail("Orders", arms, Direction.DOWN),))
    up = Look(quiet, (1, 1), 7, guardrails=(Guardrail("Orders", arms[::-1], Direction.UP),))
    assert decide(down, plan).kind is decide(up, plan).kind


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Look((Arm(1, 0),), (1, 1), 7), "2 weights cannot belong to 1 variants"),
        (lambda: Look((Arm(1, 0),) * 2, (0, 0), 7), "One of 2 weights must be above 0"),
        (lambda: Look((Arm(1, 0),) * 2, (1, -1), 7), "A weight must be a number of 0 or more"),
        (lambda: Look((Arm(1, 0),) * 2, (1, 1), -1), "Full days must be a whole number"),
        (lambda: Look((Arm(1, 0),) * 2, (1, 1), 7, enrolled=(1,)), "1 numbers of enrolled"),
        (
            lambda: Look(
                (Arm(1, 0),) * 2,
                (1, 1),
                7,
                guardrails=(Guardrail("Orders", (Arm(1, 0),), Direction.UP),),
            ),
            "1 arms of 'Orders' cannot belong to 2 variants",
        ),
        (
            lambda: Look((Arm(1, 0),) * 2, (1, 1), 7, previous_srm_p_value=1.5),
            "The previous p-value must lie between 0 and 1",
        ),
        (lambda: Plan(0, 0.2), "The planned number of visitors per variant"),
        (lambda: Plan(100, 0), "The smallest lift worth having"),
        (lambda: Plan(100, 0.1, running_alpha=0), "The running alpha"),
        (lambda: Plan(100, 0.1, planned_alpha=1), "The planned alpha"),
    ],
)
def test_look_or_plan_that_cannot_be_is_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
