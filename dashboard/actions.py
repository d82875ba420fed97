"""The buttons that an experiment's lifecycle offers, and what each asks before it acts."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from experiments import roles
from experiments.lifecycle import Transition, transitions_from
from experiments.models import Experiment

# Starting asks on a page of its own: for a plan.
_ASK = {
    Transition.PAUSE: (
        "Nobody new takes part. Visitors who have a variant keep it and still count."
    ),
    Transition.RESUME: "New visitors take part again, by the current traffic split.",
    Transition.COMPLETE: (
        "Counting ends for good. From then on everybody sees the variant that you choose."
    ),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One button: its label, where it leads or posts to, and the words of its confirmation.

    What can't be taken back is sent with the version that was looked at.
    """

    transition: Transition
    url: str
    text: str
    version: int | None

    @property
    def is_page(self) -> bool:
        """Whether it leads to a page instead of posting."""
        return self.transition is Transition.START

    @property
    def is_completing(self) -> bool:
        return self.transition is Transition.COMPLETE

    @property
    def is_primary(self) -> bool:
        return self.transition in (Transition.START, Transition.RESUME)


def actions_for(experiment: Experiment, user: roles.AnyUser) -> tuple[Action, ...]:
    """Return what this user may do with the experiment now; nothing for viewers."""
    if not roles.can_edit(user):
        return ()
    return tuple(
        _action(experiment, transition) for transition in transitions_from(experiment.status)
    )


def _action(experiment: Experiment, transition: Transition) -> Action:
    page = "plan" if transition is Transition.START else transition.value
    return Action(
        transition=transition,
        url=reverse(f"dashboard:experiment-{page}", args=[experiment.id]),
        text=_ASK.get(transition, ""),
        version=experiment.version if transition is Transition.COMPLETE else None,
    )
