"""The steps in which an experiment is made: each a page of its own, on a draft that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from experiments.models import Experiment, Plan


class Step(StrEnum):
    QUESTION = "question"
    VARIANTS = "variants"
    PLAN = "plan"
    REVIEW = "review"


LABELS = {
    Step.QUESTION: _("Hypothesis"),
    Step.VARIANTS: _("Variants and content"),
    Step.PLAN: _("Goal and plan"),
    Step.REVIEW: _("Review and start"),
}
_NAMES = {
    Step.QUESTION: "experiment-question",
    Step.VARIANTS: "experiment-setup-variants",
    Step.PLAN: "experiment-setup-plan",
    Step.REVIEW: "experiment-review",
}


class Leave(StrEnum):
    """Where a step's buttons lead once it is saved; the value of the button named `save`."""

    ON = "on"
    BACK = "back"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class StepLink:
    """A step as it stands in the row of them. Without a draft only the first has a page."""

    step: Step
    number: int
    url: str
    is_here: bool
    is_done: bool

    @property
    def label(self) -> str:
        return str(LABELS[self.step])


def steps_of(experiment: Experiment | None, here: str) -> list[StepLink]:
    """Return the steps, each with whether something was done about it."""
    done = set() if experiment is None else _done(experiment)
    return [
        StepLink(
            step=step,
            number=number,
            url="" if experiment is None else url_of(experiment, step),
            is_here=step == here,
            is_done=step in done,
        )
        for number, step in enumerate(Step, start=1)
    ]


def url_of(experiment: Experiment, step: Step) -> str:
    return reverse(f"dashboard:{_NAMES[step]}", args=[experiment.id])


def next_step(experiment: Experiment) -> Step:
    """Return the first step that nothing was done about yet; the review where there is none."""
    done = _done(experiment)
    return next((step for step in Step if step not in done), Step.REVIEW)


def url_after(experiment: Experiment, here: Step, leave: str) -> str:
    """Return where a saved step leads: on, back, or to the draft as it is."""
    order = list(Step)
    if leave == Leave.DRAFT:
        return reverse("dashboard:experiment-detail", args=[experiment.id])
    by = -1 if leave == Leave.BACK else 1
    return url_of(experiment, order[max(0, order.index(here) + by)])


def _done(experiment: Experiment) -> set[Step]:
    done = set()
    if experiment.hypothesis or experiment.description:
        done.add(Step.QUESTION)
    if any(variant.content for variant in experiment.variants.all()):
        done.add(Step.VARIANTS)
    if Plan.objects.filter(experiment=experiment).exists():
        done.add(Step.PLAN)
    return done
