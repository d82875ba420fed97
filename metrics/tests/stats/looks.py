"""Looks for the tests of verdicts: the smallest that reach each rule."""

from dataclasses import replace

from metrics.stats.look import Direction, Guardrail, Look, Plan
from metrics.stats.types import Arm

# A plan for 2,000 visitors of two arms, and one that ends so far away that it never matters.
PLAN = Plan(per_arm=1000, minimum_lift=0.2)
FAR_PLAN = Plan(per_arm=10**6, minimum_lift=0.2)


def look_at(*arms: tuple[int, int], full_days: int = 7, **parts: object) -> Look:
    """A look at (visitors, conversions), evenly split."""
    found = tuple(Arm(visitors, conversions) for visitors, conversions in arms)
    return replace(Look(found, (1,) * len(found), full_days), **parts)  # type: ignore[arg-type]


def guardrail(*arms: tuple[int, int], worse: Direction = Direction.DOWN) -> Guardrail:
    return Guardrail("Orders", tuple(Arm(*counts) for counts in arms), worse)
