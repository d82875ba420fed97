"""What the rules of the verdict are asked about."""

from collections.abc import Iterable
from typing import Any

from metrics.stats.effect import Effect, watched_effect
from metrics.stats.look import Look, Plan
from metrics.stats.outcome import Verdict
from metrics.stats.planned_look import PlannedLook
from metrics.stats.split_check import check_split
from metrics.stats.types import Kind, Reason

# Of the sequence where there is no plan; with one, the plan says it.
UNPLANNED_ALPHA = 0.05


class Case:
    """A look, with what several rules ask of it."""

    def __init__(self, look: Look, plan: Plan | None, planned_look: PlannedLook | None) -> None:
        if planned_look and len(planned_look.arms) != len(look.arms):
            raise ValueError(
                f"A look at {len(planned_look.arms)} variants was stored, not at {len(look.arms)}."
            )
        self.look, self.plan, self.stored = look, plan, planned_look
        self.treatments = treatments_of(look)
        self.visitors = sum(arm.visitors for arm in look.arms)
        self.planned_visitors = plan.total_visitors(look.weights) if plan else None
        self.split = check_split(look)

    @property
    def is_planned_look(self) -> bool:
        """Whether this is the first look at or past the planned sample."""
        is_reached = self.planned_visitors is not None and self.visitors >= self.planned_visitors
        return is_reached and self.stored is None

    @property
    def watching_alpha(self) -> float:
        return watching_alpha(self.plan, len(self.treatments))

    def watched(self, index: int) -> Effect:
        return watched_effect(self.look.arms[0], self.look.arms[index], self.watching_alpha)

    def highest(self, treatments: Iterable[int]) -> int:
        return max(treatments, key=self._rate)

    def lowest(self, treatments: Iterable[int]) -> int:
        return min(treatments, key=self._rate)

    def _rate(self, index: int) -> float:
        return self.look.arms[index].rate or 0.0

    def verdict(self, kind: Kind, reason: Reason, **parts: Any) -> Verdict:
        parts.setdefault("planned_look", self.stored)
        return Verdict(kind, reason, self.visitors, self.planned_visitors, self.split, **parts)


def treatments_of(look: Look) -> list[int]:
    """Return the indices of the treatments with visitors, or with a share to wait for."""
    return [i for i, arm in enumerate(look.arms) if i and (arm.visitors or look.weights[i])]


def watching_alpha(plan: Plan | None, treatments: int) -> float:
    """Return the alpha of each treatment's sequence while the experiment runs."""
    return (plan.running_alpha if plan else UNPLANNED_ALPHA) / max(treatments, 1)
