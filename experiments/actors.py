"""Who makes the changes that the audit log records: a person, a token, a command, the system.

Whoever handles a request or a command says so here, once; the database connection passes it on
before it changes what is audited (experiments.database.telling).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The database's backend needs this module before there are models.
    from django.contrib.auth.base_user import AbstractBaseUser


class ActorKind(StrEnum):
    PERSON = "person"
    TOKEN = "token"  # noqa: S105  (a word, not a secret)
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who changes things. `name` is what the log shows, `id` tells namesakes apart."""

    kind: ActorKind
    name: str = ""
    id: str = ""

    def as_setting(self) -> str:
        """Return the actor as the audit's triggers read it from `plainsplit.actor`."""
        return f"{self.kind.value}:{self.id}:{self.name}"


SYSTEM = Actor(ActorKind.SYSTEM)

_asked: ContextVar[Callable[[], Actor]] = ContextVar("asked", default=lambda: SYSTEM)


@contextmanager
def acting(actor: Actor | Callable[[], Actor]) -> Iterator[None]:
    """Let changes made within the block, by this thread, be this actor's.

    A function is asked at the first such change, and not at all where there is none.
    """
    token = _asked.set((lambda: actor) if isinstance(actor, Actor) else actor)
    try:
        yield
    finally:
        _asked.reset(token)


def current_actor() -> Actor:
    return _asked.get()()


def person(user: AbstractBaseUser) -> Actor:
    return Actor(ActorKind.PERSON, user.get_username(), str(user.pk))


def command(name: str) -> Actor:
    """Return the actor of a command of manage.py."""
    return Actor(ActorKind.COMMAND, name)
