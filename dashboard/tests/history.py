"""What tests of the history do: open its pages, read its sentences, make changes for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from dashboard.figures import NBSP
from dashboard.history.changes import Change, changes_of
from dashboard.tests.browser import path_of
from experiments.actors import Actor, ActorKind, acting
from experiments.tests.audit import entries_since, new_change
from experiments.tests.factories import ToggleFactory

MARIA = Actor(ActorKind.PERSON, "maria", "1001")
NIGHTLY = Actor(ActorKind.TOKEN, "nightly: 2", "1002")
SEED = Actor(ActorKind.COMMAND, "seed")


def page(client: Client, name: str = "history", *args: Any, **query: Any) -> Any:
    return client.get(path_of(name, *args), query)


def sentences_in(response: Any) -> list[str]:
    return [
        sentence
        for _day, changes in response.context["days"]
        for change in changes
        for sentence in change.sentences
    ]


def make_toggles(number: int, actor: Actor = MARIA) -> list[str]:
    """Make toggles, each in a change of its own; return their sentences, newest first."""
    told = []
    with acting(actor):
        for _ in range(number):
            new_change()
            toggle = ToggleFactory.create()
            told.append(f"Toggle {toggle.key} added")
    return told[::-1]


def change_by(act: Callable[[], Any]) -> Change:
    """Return what is shown of the one change that `act` makes."""
    new_change()
    with entries_since() as entries:
        act()
    [change] = changes_of([entries])
    return change


def told_by(act: Callable[[], Any]) -> list[str]:
    return [sentence.replace(NBSP, " ") for sentence in change_by(act).sentences]
