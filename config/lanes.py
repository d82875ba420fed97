"""Where hot calls wait for their group, and what is done with a group."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError

from config.admission import Admission, Call, refusals
from config.counters import SharedCounters
from config.gathering import Gathering
from config.tickets import Awaited, Result, Ticket, Waited
from config.wire import Wire
from experiments.answers import ApiError
from experiments.grouping import Delivery, GroupQueue, GroupWriter, QueueFull
from experiments.hot import HotPath
from experiments.statements import Steps

logger = logging.getLogger(__name__)

# Where a call has gone without its answer for so long, no more are let in until it is answered:
# who comes now would wait longer still, and had better be told at once to come back.
BEHIND_SECONDS = 2.0


_Group = list[tuple[Call, Ticket]]
_Deliveries = list[Delivery[Ticket, Result]]


def _nothing_is_usual(_items: Sequence[Any]) -> Steps[list[Result] | None]:
    return None
    yield  # makes it a generator


class Lane:
    """One kind of work: gathers its calls in groups, and has the groups done one after the other.

    The usual group is done in the event loop itself, on the connection of the lane's writer: no
    thread is woken, and none competes for the interpreter. Whatever is unusual, the writer does in
    its thread, from the beginning: of an attempt that ended in an error nothing was written, or it
    is found again by its ids.
    """

    def __init__(self, path: HotPath[Any, Any], counters: SharedCounters | None = None) -> None:
        self._path = path
        self._act = path.act
        self._usual = path.usual or _nothing_is_usual
        self._admission = Admission(counters)
        self._loop = asyncio.get_running_loop()
        # When each call that has no answer yet came in (monotonic), in that order.
        self._unanswered: dict[Ticket, float] = {}
        self._gathering = Gathering(self._let_begin, lambda: len(self._unanswered))
        # Whether what waits may be begun, and whether a group is being done.
        self._may_begin = False
        self._under_way: asyncio.Task[None] | _Group | None = None
        self._drained: asyncio.Future[None] | None = None
        self._queue: GroupQueue[Call, Ticket] = GroupQueue(max_waiting=settings.INGEST_QUEUE_SIZE)
        self._writer: GroupWriter[Call, Ticket, Result] = GroupWriter(
            self._do, self._deliver, name=f"writer {path.limit}"
        )
        self._wire: Wire | None = None

    @property
    def waiting(self) -> int:
        """How many calls wait for their group to begin."""
        return len(self._queue)

    async def ask(self, call: Call) -> Result:
        """Return the call's result once it is committed. Raises ApiError, QueueFull, and whatever
        the work raised."""
        ticket = Awaited(self._loop)
        self.submit(call, ticket)
        try:
            return await ticket.future
        finally:
            self.forget(ticket)

    def ask_in_thread(self, items: Sequence[Any]) -> list[Result]:
        """Return the results of items of this process's own, once they are committed.

        They share the commit with each other and with whatever else waits. Raises as `ask` does.
        """
        tickets = [Waited() for _ in items]
        self._loop.call_soon_threadsafe(self._submit_own, items, tickets)
        return [ticket.wait() for ticket in tickets]

    def _submit_own(self, items: Sequence[Any], tickets: Sequence[Waited]) -> None:
        for item, ticket in zip(items, tickets, strict=True):
            try:
                self._put(Call(self._path, None, item), ticket)
            except QueueFull as full:
                ticket.settle(None, full)
        self._gathering.begin()

    def submit(self, call: Call, ticket: Ticket) -> None:
        """Queue a call; its ticket is settled once its group is committed. Raises QueueFull."""
        self._put(call, ticket)
        self._unanswered[ticket] = time.monotonic()
        self._gathering.note()

    def _put(self, call: Call, ticket: Ticket) -> None:
        if self._drained is not None:
            raise QueueFull
        weight = 1 if isinstance(call.item, ApiError) else self._path.weight(call.item)
        self._queue.submit(call, ticket, weight)

    def forget(self, ticket: Ticket) -> None:
        """Wait no more for a ticket's answer: its caller has it, or hung up."""
        self._unanswered.pop(ticket, None)

    def is_behind(self) -> bool:
        """Return whether more is arriving than is answered in time, whatever the reason."""
        oldest = next(iter(self._unanswered.values()), None)
        return oldest is not None and time.monotonic() - oldest > BEHIND_SECONDS

    async def close(self) -> None:
        """Do what waits, then stop."""
        self._drained = self._loop.create_future()
        self._gathering.begin()
        await self._drained
        await asyncio.to_thread(self._writer.close)

    def _let_begin(self) -> None:
        self._may_begin = True
        self._go_on()

    def _go_on(self) -> None:
        """Begin the next group, if there is one that may begin and none is being done."""
        while self._may_begin and self._under_way is None:
            overdue, group = self._queue.take()
            self._may_begin = bool(self._queue)
            if overdue:
                self._settle([Delivery(ticket, None, QueueFull()) for ticket in overdue])
            if group:
                self._start(group)
        if self._under_way is None:
            self._gathering.end()
            if self._drained is not None and not self._drained.done():
                self._drained.set_result(None)

    def _start(self, group: _Group) -> None:
        wire = self._usable_wire()
        if wire is None or not self._admission.is_at_hand:
            self._leave(group)
        else:
            self._under_way = self._loop.create_task(self._do_here(group, wire))

    def _leave(self, group: _Group) -> None:
        """Leave a group to the writer."""
        self._under_way = group
        self._writer.write(group)

    def _usable_wire(self) -> Wire | None:
        connection = self._writer.connection
        if connection is None or connection.closed:
            return None
        if self._wire is None or self._wire.connection is not connection:
            self._wire = Wire(connection)
        return self._wire

    async def _do_here(self, group: _Group, wire: Wire) -> None:
        """Do a group in the event loop, or leave what is let in of it to the writer."""
        try:
            refused = await self._admission.refusals_here([call for call, _ in group])
        except Exception:
            logger.exception("calls could not be counted in the event loop")
            self._leave(group)
            return
        let_in = [pair for pair, refusal in zip(group, refused, strict=True) if refusal is None]
        deliveries: _Deliveries = [
            Delivery(ticket, None, refusal)
            for (_, ticket), refusal in zip(group, refused, strict=True)
            if refusal is not None
        ]
        done = await self._done_by(wire, [call.item for call, _ in let_in]) if let_in else []
        if done is None:
            self._leave(let_in)
            self._settle(deliveries)
            return
        for (_, ticket), result in zip(let_in, done, strict=True):
            is_broken_off = isinstance(result, OperationalError)
            deliveries.append(Delivery(ticket, result, result if is_broken_off else None))
        self._finish(deliveries)

    async def _done_by(self, wire: Wire, items: Sequence[Any]) -> list[Result] | None:
        """Return what became of items, or None where that is left to the writer."""
        try:
            results: list[Result] | None = await wire.take(self._usual(items))
        except psycopg.errors.QueryCanceled as late:
            # Behind a lock for too long. Trying again would only make the callers wait.
            return [OperationalError(str(late))] * len(items)
        except psycopg.Error:
            return None
        except Exception:
            logger.exception("a group failed in the event loop")
            return None
        return results

    def _do(self, calls: Sequence[Call]) -> list[Result]:
        """Do a group in the writer's thread."""
        results: list[Result] = list(refusals(calls))
        places = [n for n, result in enumerate(results) if result is None]
        done = self._act([calls[n].item for n in places])
        for n, result in zip(places, done, strict=True):
            results[n] = result
        return results

    def _deliver(self, deliveries: _Deliveries) -> None:
        self._loop.call_soon_threadsafe(self._finish, deliveries)

    def _finish(self, deliveries: _Deliveries) -> None:
        self._under_way = None
        self._go_on()
        self._settle(deliveries)

    def _settle(self, deliveries: _Deliveries) -> None:
        for ticket, result, error in deliveries:
            self.forget(ticket)
            refusal = result if isinstance(result, ApiError) else error
            try:
                ticket.settle(None if refusal else result, refusal)
            except Exception:
                # Whatever is wrong with one connection, its neighbours are answered.
                logger.exception("an answer could not be sent")
