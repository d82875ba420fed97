"""The verdict: what may be said about an experiment at this look, whenever one looks."""

from metrics.stats.case import Case
from metrics.stats.effect import Effect
from metrics.stats.look import Direction, Guardrail, Look, Plan
from metrics.stats.outcome import Verdict
from metrics.stats.planned_look import PlannedLook
from metrics.stats.rules import RULES
from metrics.stats.split_check import SplitCheck
from metrics.stats.types import Arm, Interval, Kind, Reason

__all__ = [
    "Arm",
    "Direction",
    "Effect",
    "Guardrail",
    "Interval",
    "Kind",
    "Look",
    "Plan",
    "PlannedLook",
    "Reason",
    "SplitCheck",
    "Verdict",
    "decide",
]


def decide(
    look: Look, plan: Plan | None = None, planned_look: PlannedLook | None = None
) -> Verdict:
    """What may be said about the experiment at this look, without fooling anyone who looks often?

    The answer of the first of RULES that has one. Up to the planned sample a confidence sequence at
    0.01/m for each of m treatments, which holds at every look; at the first look at or past it,
    once, z tests adjusted by Holm's procedure at 0.04; so a false win or loss has a chance of 0.05
    at most. Without a plan the sequence at 0.05/m. Guardrails have sequences of their own, at 0.05
    over all guardrails and treatments: a false alarm is no false win. Arms with neither visitors
    nor a share of the split change nothing. Raises ValueError for a stored look at another number
    of arms, and for no data that can occur.
    """
    case = Case(look, plan, planned_look)
    return next(verdict for rule in RULES if (verdict := rule(case)) is not None)
