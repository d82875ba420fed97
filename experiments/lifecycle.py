"""The lifecycle of an experiment: every allowed change of status, in one table."""

from __future__ import annotations

from django.db.models import TextChoices


class Status(TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"


class Decision(TextChoices):
    """What is made of an experiment at its end."""

    SHIP = "ship", "Ship the winner"
    KEEP = "keep", "Keep the control"
    INCONCLUSIVE = "inconclusive", "Inconclusive"


class Transition(TextChoices):
    """A change of status, named as the button that staff press for it."""

    START = "start", "Start"
    PAUSE = "pause", "Pause"
    RESUME = "resume", "Resume"
    COMPLETE = "complete", "Complete"


_TARGETS: dict[Status, dict[Transition, Status]] = {
    Status.DRAFT: {Transition.START: Status.ACTIVE},
    Status.ACTIVE: {Transition.PAUSE: Status.PAUSED, Transition.COMPLETE: Status.COMPLETED},
    Status.PAUSED: {Transition.RESUME: Status.ACTIVE, Transition.COMPLETE: Status.COMPLETED},
    Status.COMPLETED: {},
}


class TransitionForbidden(Exception):
    """The lifecycle does not lead from this status to that one; the message says what does."""


def transitions_from(status: str) -> tuple[Transition, ...]:
    """Return the transitions that may be offered for an experiment of this status."""
    return tuple(_TARGETS[Status(status)])


def target_of(status: str, transition: Transition) -> Status:
    """Return the status that a transition leads to, or raise TransitionForbidden."""
    try:
        return _TARGETS[Status(status)][transition]
    except KeyError:
        raise TransitionForbidden(_refusal(Status(status), transition.label.lower())) from None


def transition_to(status: str, target: Status) -> Transition:
    """Return the transition that leads from a status to another, or raise TransitionForbidden."""
    for transition, reached in _TARGETS[Status(status)].items():
        if reached == target:
            return transition
    raise TransitionForbidden(_refusal(Status(status), f"set to {target.value}"))


def _refusal(status: Status, wish: str) -> str:
    offered = [transition.label.lower() for transition in transitions_from(status)]
    way = f"You can {' or '.join(offered)} it." if offered else "Its lifecycle has ended."
    verb = wish if wish.startswith("set") else f"{wish}d" if wish.endswith("e") else f"{wish}ed"
    return f"{_article(status)} {status.label.lower()} experiment can't be {verb}. {way}"


def _article(status: Status) -> str:
    return "An" if status is Status.ACTIVE else "A"
