"""What a verdict says, as numbers: the sentences are made from it elsewhere."""

from dataclasses import dataclass

from metrics.stats.effect import Effect
from metrics.stats.planned_look import PlannedLook
from metrics.stats.split_check import SplitCheck
from metrics.stats.types import Kind, Reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known, why, and the numbers that its sentence needs; None where it needs none.

    Arms are named by their index; the control's is 0. `subject` is the arm that the verdict is
    about: the one that collects slowest, does harm, wins, loses, or else promises most. `effect` is
    the subject's against the control, or that on `guardrail` where it does harm. `have` and `need`
    count visitors, conversions or days of one that is collecting. `is_final` tells that there is
    nothing left to wait for. Where `is_planned_look`, this is the first look at or past the planned
    sample: `planned_look` is to be stored, and handed in from then on. `split.p_value` is to be
    handed in at the next look as `previous_srm_p_value`.
    """

    kind: Kind
    reason: Reason
    visitors: int
    planned_visitors: int | None
    split: SplitCheck
    planned_look: PlannedLook | None
    is_planned_look: bool = False
    is_final: bool = False
    subject: int | None = None
    effect: Effect | None = None
    guardrail: str | None = None
    have: int | None = None
    need: int | None = None
    minimum_lift_ruled_out: bool | None = None

    @property
    def is_lift_overstated(self) -> bool:
        """Whether luck had a part in being found so early, so that the true lift is smaller."""
        return self.kind is Kind.EARLY_WINNER
