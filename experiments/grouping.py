"""Group commit: what arrives while one group is being written becomes the next group."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")
Ticket = TypeVar("Ticket")

# What makes a try on a fresh connection worth while: the server restarted or closed ours.
_CONNECTION_LOST = (OperationalError, InterfaceError)


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
    neighbours share the commit. `max_waiting` items wait at most; a group weighs `max_weight` at
    most unless it is one single item.
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
        self._waiting: deque[tuple[Item, Ticket]] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, item: Item, ticket: Ticket) -> None:
        """Queue an item. Its result is delivered once it is committed. Raises QueueFull."""
        with self._changed:
            if self._is_closing or len(self._waiting) >= self._max_waiting:
                raise QueueFull
            self._waiting.append((item, ticket))
            self._changed.notify()

    def close(self) -> None:
        """Take no more, do what waits, and return when it is done."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            while group := self._next_group():
                self._deliver(self._do(group))
        finally:
            connection.close()

    def _next_group(self) -> list[tuple[Item, Ticket]]:
        """Wait for items and take what fits; an empty group means that the writer is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closing)
            group: list[tuple[Item, Ticket]] = []
            weight = 0
            while self._waiting:
                weight += self._weight(self._waiting[0][0])
                if group and weight > self._max_weight:
                    break
                group.append(self._waiting.popleft())
            return group

    def _do(self, group: list[tuple[Item, Ticket]]) -> list[Delivery[Ticket, Result]]:
        try:
            results = self._act_reconnecting([item for item, _ in group])
        except Exception as error:
            if len(group) > 1 and not isinstance(error, _CONNECTION_LOST):
                # One item is at fault; its neighbours must not suffer for it.
                logger.exception("a group failed, doing its items one by one")
                return [delivery for single in group for delivery in self._do([single])]
            return [Delivery(ticket, None, error) for _, ticket in group]
        return [
            Delivery(ticket, result, None)
            for (_, ticket), result in zip(group, results, strict=True)
        ]

    def _act_reconnecting(self, items: Sequence[Item]) -> list[Result]:
        try:
            return self._act(items)
        except _CONNECTION_LOST:
            connection.close()
            return self._act(items)
        finally:
            # Raised by the second try: the next group starts on a connection of its own.
            if connection.errors_occurred:
                connection.close()
