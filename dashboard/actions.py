"""The buttons that an experiment's lifecycle offers, and what each asks before it acts."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from experiments import roles
from experiments.lifecycle import Transition, transitions_from
from experiments.models import Experiment

_ASK = {
    Transition.START: (
        "Visitors get their variants from the next page on. While it runs, variants can't be "
        "added or removed."
    ),
    Transition.PAUSE: (
        "Nobody new takes part. Visitors who have a variant keep it and still count."
    ),
    Transition.RESUME: "New visitors take part again, by the current traffic split.",
    Transition.COMPLETE: (
        "Counting ends for good. From then on everybody sees the variant that you choose."
    ),
}
# What can't be taken back is refused where the experiment isn't any more what was looked at.
_ONE_WAY = frozenset({Transition.START, Transition.COMPLETE})


@dataclass(frozen=True, slots=True)
class Action:
    """One button: its label, where it posts to, and the words of its confirmation."""

    transition: Transition
    url: str
    text: str
    version: int | None

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
        Action(
            transition=transition,
            url=reverse(f"dashboard:experiment-{transition.value}", args=[experiment.id]),
            text=_ASK[transition],
            version=experiment.version if transition in _ONE_WAY else None,
        )
        for transition in transitions_from(experiment.status)
    )
