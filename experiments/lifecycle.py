"""The lifecycle of an experiment: every allowed change of status, in one table."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext, gettext_lazy, gettext_noop


class Status(TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    ACTIVE = "active", gettext_lazy("Active")
    PAUSED = "paused", gettext_lazy("Paused")
    COMPLETED = "completed", gettext_lazy("Completed")


class Decision(TextChoices):
    """What is made of an experiment at its end."""

    SHIP = "ship", gettext_lazy("Ship the winner")
    KEEP = "keep", gettext_lazy("Keep the control")
    INCONCLUSIVE = "inconclusive", gettext_lazy("Inconclusive")


class Transition(TextChoices):
    """A change of status, named as the button that staff press for it."""

    START = "start", gettext_lazy("Start")
    PAUSE = "pause", gettext_lazy("Pause")
    RESUME = "resume", gettext_lazy("Resume")
    COMPLETE = "complete", gettext_lazy("Complete")


_TARGETS: dict[Status, dict[Transition, Status]] = {
    Status.DRAFT: {Transition.START: Status.ACTIVE},
    Status.ACTIVE: {Transition.PAUSE: Status.PAUSED, Transition.COMPLETE: Status.COMPLETED},
    Status.PAUSED: {Transition.RESUME: Status.ACTIVE, Transition.COMPLETE: Status.COMPLETED},
    Status.COMPLETED: {},
}
# The sentences of a refusal.
_CANNOT = {
    Status.DRAFT: gettext_noop("A draft experiment can't be %(wish)s."),
    Status.ACTIVE: gettext_noop("An active experiment can't be %(wish)s."),
    Status.PAUSED: gettext_noop("A paused experiment can't be %(wish)s."),
    Status.COMPLETED: gettext_noop("A completed experiment can't be %(wish)s."),
}
_CAN = {
    Status.DRAFT: gettext_noop("You can start it."),
    Status.ACTIVE: gettext_noop("You can pause or complete it."),
    Status.PAUSED: gettext_noop("You can resume or complete it."),
    Status.COMPLETED: gettext_noop("Its lifecycle has ended."),
}
_DONE = {
    Transition.START: gettext_noop("started"),
    Transition.PAUSE: gettext_noop("paused"),
    Transition.RESUME: gettext_noop("resumed"),
    Transition.COMPLETE: gettext_noop("completed"),
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
        raise TransitionForbidden(_refusal(Status(status), gettext(_DONE[transition]))) from None


def transition_to(status: str, target: Status) -> Transition:
    """Return the transition that leads from a status to another, or raise TransitionForbidden."""
    for transition, reached in _TARGETS[Status(status)].items():
        if reached == target:
            return transition
    wish = gettext("set to %(status)s") % {"status": target.value}
    raise TransitionForbidden(_refusal(Status(status), wish))


def _refusal(status: Status, wish: str) -> str:
    return f"{gettext(_CANNOT[status]) % {'wish': wish}} {gettext(_CAN[status])}"
