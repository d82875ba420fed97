"""The buttons that an experiment's lifecycle offers, and what each asks before it acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments import roles
from experiments.lifecycle import Status, Transition, transitions_from
from experiments.models import Experiment

LABELS: Mapping[Transition, Any] = {
    Transition.START: gettext_lazy("Review and start"),
    Transition.PAUSE: gettext_lazy("Pause"),
    Transition.RESUME: gettext_lazy("Resume"),
    Transition.COMPLETE: gettext_lazy("Complete"),
}
# These ask on pages of their own: for a last look, and for a decision.
_PAGES = {Transition.START: "review", Transition.COMPLETE: "complete"}
_ASK: Mapping[Transition, tuple[Any, Any]] = {
    Transition.PAUSE: (
        gettext_lazy("Pause “%(name)s”?"),
        gettext_lazy("Nobody new takes part. Visitors who have a variant keep it and still count."),
    ),
    Transition.RESUME: (
        gettext_lazy("Resume “%(name)s”?"),
        gettext_lazy("New visitors take part again, by the current traffic split."),
    ),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One button: where it leads or posts to, and the words of its confirmation.

    `name` is that of its URL. What rests on what was looked at is sent with its version.
    """

    name: str
    label: str
    url: str
    title: str = ""
    text: str = ""
    version: int | None = None
    is_page: bool = False
    is_primary: bool = False


def actions_for(experiment: Experiment, user: roles.AnyUser) -> tuple[Action, ...]:
    """Return what this user may do with the experiment now; nothing for viewers."""
    if not roles.can_edit(user):
        return ()
    if experiment.status == Status.COMPLETED:
        return (_undoing(experiment),)
    return tuple(
        _action(experiment, transition) for transition in transitions_from(experiment.status)
    )


def _action(experiment: Experiment, transition: Transition) -> Action:
    page = _PAGES.get(transition, transition.value)
    title, text = _ASK.get(transition, ("", ""))
    return Action(
        name=transition.value,
        label=str(LABELS[transition]),
        url=reverse(f"dashboard:experiment-{page}", args=[experiment.id]),
        title=str(title) % {"name": experiment.name},
        text=str(text),
        is_page=transition in _PAGES,
        is_primary=transition in (Transition.START, Transition.RESUME),
    )


def _undoing(experiment: Experiment) -> Action:
    goes_on = (
        _("It runs again and takes new visitors.")
        if experiment.completed_from == Status.ACTIVE
        else _("It is paused again: visitors who have a variant see it, and nobody new takes part.")
    )
    return Action(
        name="reopen",
        label=_("Undo the decision"),
        url=reverse("dashboard:experiment-reopen", args=[experiment.id]),
        title=_("Undo the decision on “%(name)s”?") % {"name": experiment.name},
        text=goes_on
        + " "
        + _(
            "Counting begins anew, in a phase of its own, as everybody saw the same page "
            "meanwhile. The history keeps the decision and its undoing."
        ),
        version=experiment.version,
    )
