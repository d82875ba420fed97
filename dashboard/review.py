"""A draft before its start: all that it says, and what may be missing."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.comparison import Comparison, comparison_of
from dashboard.overview import Share, shares_of
from dashboard.setup import Step
from experiments.models import Experiment, Goal, Plan
from experiments.models.goal import GoalRole
from experiments.variants import require_own_content
from experiments.writing import Refused


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to see to, and the step where that is done."""

    text: str
    step: Step


@dataclass(frozen=True, slots=True)
class Review:
    """What a start would begin with. `obstacle` is why it would be refused now; else empty."""

    experiment: Experiment
    comparison: Comparison
    shares: tuple[Share, ...]
    goals: tuple[Goal, ...]
    plan: Plan | None
    remarks: tuple[Remark, ...]
    obstacle: str

    @property
    def goal(self) -> Goal:
        return next(goal for goal in self.goals if goal.role == GoalRole.PRIMARY)


def review_of(experiment: Experiment) -> Review:
    """Return the review of a draft whose variants and page are fetched."""
    comparison = comparison_of(experiment)
    plan = Plan.objects.filter(experiment=experiment).first()
    return Review(
        experiment=experiment,
        comparison=comparison,
        shares=shares_of(experiment),
        goals=tuple(experiment.goals.all()),
        plan=plan,
        remarks=tuple(_remarks(experiment, comparison, plan)),
        obstacle=_obstacle(experiment),
    )


def _obstacle(experiment: Experiment) -> str:
    try:
        require_own_content(experiment)
    except Refused as refusal:
        return str(refusal)
    return ""


def _remarks(experiment: Experiment, comparison: Comparison, plan: Plan | None) -> list[Remark]:
    remarks = []
    if not experiment.hypothesis:
        text = _(
            "There is no hypothesis. Written down before the start, it keeps you honest after."
        )
        remarks.append(Remark(text, Step.QUESTION))
    if not comparison.differing:
        text = _("All variants show the same: there is nothing to compare yet.")
        remarks.append(Remark(text, Step.VARIANTS))
    for variant, changes in comparison.changes:
        if comparison.differing and not changes:
            text = _("“%(name)s” shows the same as the control.") % {"name": variant.name}
            remarks.append(Remark(text, Step.VARIANTS))
    idle = [variant.name for variant in experiment.variants.all() if not variant.weight]
    if idle:
        text = _("Nobody new gets “%(name)s”: its share is 0 %%.") % {"name": "”, “".join(idle)}
        remarks.append(Remark(text, Step.VARIANTS))
    if plan is None:
        text = _("There is no plan: no day on which to expect an answer, and wider intervals.")
        remarks.append(Remark(text, Step.PLAN))
    return remarks
