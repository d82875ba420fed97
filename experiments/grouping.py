"""Group commit: what arrives while one group is being written becomes the next group."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar, cast

from django.db import InterfaceError, OperationalError, connection

from experiments.database.base import DatabaseWrapper

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")
Ticket = TypeVar("Ticket")

# The server broke something off, or a connection: nobody's item is at fault.
_BROKEN_OFF = (OperationalError, InterfaceError)
# A statement of a group is broken off by the server after so long, behind somebody's lock, say; and
# who has waited for so long before is not tried any more. A caller is told to come back instead.
WRITE_SECONDS = 5.0
# Items that are made of many take that much more of the queue's room, and of memory.
EVENTS_A_CALL = 10


class QueueFull(Exception):
    """More is waiting than can be answered in reasonable time."""


class Delivery(NamedTuple, Generic[Ticket, Result]):
    """What became of one item: its result, or the error that it ended in."""

    ticket: Ticket
    result: Result | None
    error: Exception | None


class GroupWriter(Generic[Item, Ticket, Result]):
    """A thread with a connection of its own that does items in groups, and never two at a time.

    `act` is given a group and returns a result for each of its items, in order. `deliver` is then
    called, once for the group and on the writer's thread, with what became of each item, by the
    ticket under which it was submitted. A caller who went away meanwhile cancels nothing, for its
    neighbours share the commit. `max_waiting` items wait at most, and together they weigh ten times
    that at most; a group weighs `max_weight` at most unless it is one single item.
    """

    def __init__(
        self,
        act: Callable[[Sequence[Item]], list[Result]],
        deliver: Callable[[list[Delivery[Ticket, Result]]], None],
        *,
        name: str,
        max_waiting: int,
        weight: Callable[[Item], int] = lambda _item: 1,
        max_weight: int = 1000,
    ) -> None:
        self._act = act
        self._deliver = deliver
        self._weight = weight
        self._max_waiting = max_waiting
        self._max_weight = max_weight
        # With the moment (monotonic) at which each came.
        self._waiting: deque[tuple[Item, Ticket, float]] = deque()
        self._waiting_weight = 0
        # Whether what waits may be begun; and what tells the thread so.
        self._may_begin = False
        self._changed = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many items wait for their group to begin."""
        return len(self._waiting)

    def submit(self, item: Item, ticket: Ticket) -> None:
        """Queue an item. Its result is delivered once it is committed. Raises QueueFull.

        Nothing is begun before `begin` is called: who submits knows whether more is about to come.
        """
        weight = self._weight(item)
        with self._changed:
            if self._is_closing or self._is_full_for(weight):
                raise QueueFull
            self._waiting.append((item, ticket, time.monotonic()))
            self._waiting_weight += weight

    def begin(self) -> None:
        """Let what waits be done, as soon as the group before is."""
        with self._changed:
            self._may_begin = bool(self._waiting)
            self._changed.notify()

    def _is_full_for(self, weight: int) -> bool:
        if len(self._waiting) >= self._max_waiting:
            return True
        room = EVENTS_A_CALL * self._max_waiting
        return bool(self._waiting) and self._waiting_weight + weight > room

    def close(self) -> None:
        """Take no more, do what waits, and return when it is done."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        cast(DatabaseWrapper, connection).statement_seconds = WRITE_SECONDS
        try:
            while group := self._next_group():
                self._deliver(self._do(group))
        finally:
            connection.close()

    def _next_group(self) -> list[tuple[Item, Ticket]]:
        """Wait for items and take what fits; an empty group means that the writer is closed."""
        while True:
            overdue, group = self._take()
            if overdue:
                self._deliver([Delivery(ticket, None, QueueFull()) for ticket in overdue])
            if group or not overdue:
                return group

    def _take(self) -> tuple[list[Ticket], list[tuple[Item, Ticket]]]:
        """Wait for items; return the tickets of those that waited too long, and the next group."""
        overdue: list[Ticket] = []
        group: list[tuple[Item, Ticket]] = []
        group_weight = 0
        with self._changed:
            self._changed.wait_for(lambda: self._may_begin or self._is_closing)
            too_early = time.monotonic() - WRITE_SECONDS
            while self._waiting:
                item, ticket, came_at = self._waiting[0]
                weight = self._weight(item)
                if came_at < too_early:
                    overdue.append(ticket)
                elif group and group_weight + weight > self._max_weight:
                    break
                else:
                    group.append((item, ticket))
                    group_weight += weight
                self._waiting.popleft()
                self._waiting_weight -= weight
            self._may_begin = bool(self._waiting)
        return overdue, group

    def _do(self, group: list[tuple[Item, Ticket]]) -> list[Delivery[Ticket, Result]]:
        try:
            results = self._act_reconnecting([item for item, _ in group])
        except Exception as error:
            if len(group) > 1 and not isinstance(error, _BROKEN_OFF):
                # One item is at fault; its neighbours must not suffer for it.
                logger.exception("a group failed, doing its items one by one")
                return [delivery for single in group for delivery in self._do([single])]
            return [Delivery(ticket, None, error) for _, ticket in group]
        return [
            Delivery(ticket, result, None)
            for (_, ticket), result in zip(group, results, strict=True)
        ]

    def _act_reconnecting(self, items: Sequence[Item]) -> list[Result]:
        """Act; once more where a connection that was there is lost: the server may be back by now.

        Where none could be had in the first place, and where the server broke a statement off,
        trying again would only make the callers wait.
        """
        # Lets the next statement look first whether the server has closed the connection.
        connection.close_if_unusable_or_obsolete()
        was_connected = connection.connection is not None
        try:
            return self._act(items)
        except _BROKEN_OFF:
            if not was_connected or connection.is_usable():
                raise
            connection.close()
            return self._act(items)
