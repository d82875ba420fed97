"""Group commit: what arrives while one group is being written becomes the next group."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar, cast

import psycopg
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


class GroupQueue(Generic[Item, Ticket]):
    """What waits for its group. For one thread.

    `max_waiting` items wait at most, and together they weigh ten times that at most; a group weighs
    `max_weight` at most unless it is one single item.
    """

    def __init__(
        self,
        *,
        max_waiting: int,
        max_weight: int = 1000,
    ) -> None:
        self._max_waiting = max_waiting
        self._max_weight = max_weight
        # With what each weighs, and the moment (monotonic) at which it came.
        self._waiting: deque[tuple[Item, Ticket, int, float]] = deque()
        self._waiting_weight = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def submit(self, item: Item, ticket: Ticket, weight: int = 1) -> None:
        """Queue an item. Raises QueueFull."""
        if self._is_full_for(weight):
            raise QueueFull
        self._waiting.append((item, ticket, weight, time.monotonic()))
        self._waiting_weight += weight

    def _is_full_for(self, weight: int) -> bool:
        if len(self._waiting) >= self._max_waiting:
            return True
        room = EVENTS_A_CALL * self._max_waiting
        return bool(self._waiting) and self._waiting_weight + weight > room

    def take(self) -> tuple[list[Ticket], list[tuple[Item, Ticket]]]:
        """Take the next group; the tickets of those that waited too long for it come first."""
        overdue: list[Ticket] = []
        group: list[tuple[Item, Ticket]] = []
        group_weight = 0
        too_early = time.monotonic() - WRITE_SECONDS
        while self._waiting:
            item, ticket, weight, came_at = self._waiting[0]
            if came_at < too_early:
                overdue.append(ticket)
            elif group and group_weight + weight > self._max_weight:
                break
            else:
                group.append((item, ticket))
                group_weight += weight
            self._waiting.popleft()
            self._waiting_weight -= weight
        return overdue, group


class GroupWriter(Generic[Item, Ticket, Result]):
    """A thread with a connection of its own that does groups, and never two at a time.

    `act` is given a group and returns a result for each of its items, in order. `deliver` is then
    called, once for the group and on the writer's thread, with what became of each item, by the
    ticket under which it came. A caller who went away meanwhile cancels nothing, for its neighbours
    share the commit.
    """

    def __init__(
        self,
        act: Callable[[Sequence[Item]], list[Result]],
        deliver: Callable[[list[Delivery[Ticket, Result]]], None],
        *,
        name: str,
    ) -> None:
        self._act = act
        self._deliver = deliver
        # None ends the thread.
        self._groups: queue.SimpleQueue[list[tuple[Item, Ticket]] | None] = queue.SimpleQueue()
        self._connection: psycopg.Connection | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def connection(self) -> psycopg.Connection | None:
        """The connection that the last group left open, for others' use until the next group."""
        return self._connection

    def write(self, group: list[tuple[Item, Ticket]]) -> None:
        """Do a group. Its results are delivered once it is committed."""
        self._groups.put(group)

    def close(self) -> None:
        """Do what was given, then end the thread."""
        self._groups.put(None)
        self._thread.join()

    def _run(self) -> None:
        cast(DatabaseWrapper, connection).statement_seconds = WRITE_SECONDS
        try:
            while (group := self._groups.get()) is not None:
                deliveries = self._do(group)
                self._connection = connection.connection
                self._deliver(deliveries)
        finally:
            self._connection = None
            connection.close()

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
