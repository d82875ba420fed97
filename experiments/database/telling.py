"""Tells the database, in the transaction that changes what is audited, who makes the change.

The setting is the transaction's own, so the server itself forgets it at the end: nobody's name can
get into the next transaction of a connection that is kept. A statement that changes nothing audited
costs a look at its first letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import base

from experiments.actors import SYSTEM, Actor, current_actor

# The tables with the audit's triggers.
AUDITED_TABLES = (
    "auth_user",
    "auth_user_groups",
    "experiments_apitoken",
    "experiments_experiment",
    "experiments_goal",
    "experiments_invitation",
    "experiments_page",
    "experiments_phase",
    "experiments_plan",
    "experiments_toggle",
    "experiments_variant",
)
_CHANGES_AUDITED = re.compile(
    rf'TRUNCATE |(?:INSERT INTO|UPDATE|DELETE FROM) "(?:{"|".join(AUDITED_TABLES)})"'
)
_TELL = "SELECT set_config('plainsplit.actor', %s, true)"


class TellingWrapper(base.DatabaseWrapper):
    """A connection whose audited changes carry the name of the current actor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whom the transaction under way was told, the system where nobody yet; None where a
        # savepoint's end may have taken it back.
        self._told: Actor | None = SYSTEM
        self.execute_wrappers.append(self._with_actor)

    def _with_actor(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        if not isinstance(sql, str) or not _CHANGES_AUDITED.match(sql):
            return execute(sql, params, many, context)
        actor = current_actor()
        if actor == self._told:
            return execute(sql, params, many, context)
        if self.in_atomic_block:
            self._tell(actor)
            return execute(sql, params, many, context)
        # A statement that would be a transaction of its own becomes a part of one.
        with transaction.atomic(using=self.alias):
            self._tell(actor)
            return execute(sql, params, many, context)

    def _tell(self, actor: Actor) -> None:
        with self.cursor() as cursor:
            cursor.execute(_TELL, [actor.as_setting()])
        self._told = actor

    # Every transaction of Django's begins and ends by one of these.

    def set_autocommit(self, *args: Any, **kwargs: Any) -> None:
        self._told = SYSTEM
        super().set_autocommit(*args, **kwargs)

    def commit(self) -> None:
        self._told = SYSTEM
        super().commit()

    def rollback(self) -> None:
        self._told = SYSTEM
        super().rollback()

    def savepoint_rollback(self, sid: str) -> None:
        self._told = None
        super().savepoint_rollback(sid)
