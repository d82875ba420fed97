import math
from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.stats.comparisons import compare_all
from metrics.stats.look import Direction, Guardrail, Look, Plan
from metrics.stats.planned_look import PlannedLook
from metrics.stats.types import Arm, Interval, Kind
from metrics.stats.verdict import Verdict, decide
from metrics.tests.stats.oracles import properties

# Verdicts are quick, and which rule answers is a matter of luck: many examples reach all of them.
many = settings(properties, max_examples=200)
# A number that stands for an example: drawn piece by piece, examples would be too alike.
seeds = st.integers(0, 10**12).map(Random)


def realistic_arms(rng: Random, count: int) -> tuple[Arm, ...]:
    """Arms of about one size and rate, different from each other, as experiments have them."""
    size, rate = int(10 ** rng.uniform(1.8, 4.7)), rng.uniform(0.02, 0.6)
    found = []
    for _ in range(count):
        visitors = size + rng.randint(-20, 20)
        luck = rng.gauss(0, 2) * math.sqrt(visitors * rate)
        found.append(Arm(visitors, min(max(round(visitors * rate + luck), 0), visitors)))
    return tuple(found)


def realistic_look(rng: Random, count: int) -> Look:
    return Look(realistic_arms(rng, count), (1,) * count, rng.choice([3, 7, 8, 14, 30]))


def any_plan(rng: Random) -> Plan | None:
    sample = int(10 ** rng.uniform(2, 4.8))
    return rng.choice([None, Plan(sample, 0.05), Plan(sample, 0.5)])


def any_look(rng: Random) -> Look:
    """A look at whatever can be counted, likely or not."""
    size, most = rng.randint(1, 5), rng.choice([3, 500, 10**9])

    def table() -> tuple[Arm, ...]:
        visitors = [rng.randint(0, most) for _ in range(size)]
        return tuple(Arm(n, rng.randint(0, n)) for n in visitors)

    weights = [rng.choice([0, 0.5, 1, 33, 50]) for _ in range(size)]
    return Look(
        table(),
        tuple(weights) if any(weights) else (1,) * size,
        rng.randint(0, 20),
        enrolled=rng.choice([None, tuple(rng.randint(0, 10**9) for _ in range(size))]),
        guardrails=tuple(
            Guardrail("Orders", table(), rng.choice(list(Direction)))
            for _ in range(rng.randint(0, 2))
        ),
        previous_srm_p_value=rng.choice([1.0, rng.random()]),
    )


MIRRORED = {
    Kind.EARLY_WINNER: Kind.EARLY_LOSER,
    Kind.EARLY_LOSER: Kind.EARLY_WINNER,
    Kind.WINNER: Kind.LOSER,
    Kind.LOSER: Kind.WINNER,
}


def subject_arm(look: Look, verdict: Verdict) -> Arm | None:
    return None if verdict.subject is None else look.arms[verdict.subject]


@many
@given(seeds)
def test_every_look_has_a_verdict_that_fits_its_parts(rng: Random) -> None:
    look, plan = realistic_look(rng, rng.randint(2, 4)), any_plan(rng)
    verdict = decide(look, plan)
    is_judged = verdict.kind not in (Kind.INVALID, Kind.DATA_PROBLEM, Kind.COLLECTING)
    assert (verdict.effect is not None) == is_judged
    assert (verdict.need is not None) == (verdict.kind is Kind.COLLECTING)
    assert verdict.is_planned_look == (verdict.planned_look is not None)
    if verdict.planned_look:
        assert PlannedLook.from_json(verdict.planned_look.as_json()) == verdict.planned_look


@many
@given(seeds)
def test_nothing_that_can_be_counted_raises(rng: Random) -> None:
    look, plan = any_look(rng), any_plan(rng)
    verdict = decide(look, plan)
    if look.enrolled is None:
        # Without the check of the split more looks come to the rules behind it.
        expected = tuple(arm.visitors for arm in look.arms)
        assert verdict.split.observed == expected
        fair = replace(look, weights=tuple(max(n, 1) for n in expected), previous_srm_p_value=1)
        verdict = decide(fair, plan)
        assert verdict.kind is not Kind.DATA_PROBLEM
        assert len(compare_all(fair, plan, verdict.planned_look)) == len(look.arms) - 1
    if verdict.planned_look:
        assert not decide(look, plan, verdict.planned_look).is_planned_look


@many
@given(seeds)
def test_permuting_treatments_permutes_the_verdict(rng: Random) -> None:
    look, plan = realistic_look(rng, rng.randint(3, 4)), any_plan(rng)
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


@many
@given(seeds)
def test_swapping_control_and_treatment_mirrors_the_verdict(rng: Random) -> None:
    look, plan = realistic_look(rng, 2), any_plan(rng)
    verdict = decide(look, plan)
    swapped = decide(replace(look, arms=look.arms[::-1]), plan)
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


@many
@given(seeds)
def test_arm_without_visitors_and_share_changes_nothing(rng: Random) -> None:
    look, plan = realistic_look(rng, rng.randint(2, 4)), any_plan(rng)
    place = rng.randint(1, len(look.arms))
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


@many
@given(seeds)
def test_unit_of_the_weights_changes_nothing(rng: Random) -> None:
    look, plan, unit = realistic_look(rng, rng.randint(2, 4)), any_plan(rng), rng.uniform(0.01, 99)
    other = decide(replace(look, weights=(unit,) * len(look.arms)), plan)
    assert other.kind is decide(look, plan).kind


@many
@given(seeds)
def test_srm_p_value_never_rises_over_looks(rng: Random) -> None:
    look, p_value = realistic_look(rng, 3), 1.0
    for _ in range(5):
        enrolled = tuple(rng.randint(300, 600) for _ in look.arms)
        found = decide(replace(look, enrolled=enrolled, previous_srm_p_value=p_value)).split.p_value
        assert found is not None
        assert found <= p_value
        p_value = found


@many
@given(seeds)
def test_mirrored_guardrail_harms_in_the_other_direction(rng: Random) -> None:
    arms, plan = realistic_arms(rng, 2), any_plan(rng)
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
