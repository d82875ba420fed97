"""Where hot calls wait for their group, and what is done with a group."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

import psycopg
from django.conf import settings
from django.db import OperationalError

from config.admission import Admission, Call, refusals
from config.counters import SharedCounters
from config.wire import Wire
from experiments.answers import ApiError
from experiments.grouping import Delivery, GroupQueue, GroupWriter, QueueFull
from experiments.hot import HotPath

logger = logging.getLogger(__name__)

Result = Any

# Where a call has gone without its answer for so long, no more are let in until it is answered:
# who comes now would wait longer still, and had better be told at once to come back.
BEHIND_SECONDS = 2.0
# A group is begun after so long, also while further calls are still arriving.
GATHERING_SECONDS = 0.002


class Ticket(Protocol):
    """What somebody holds who waits for a call's answer. Called in the event loop."""

    def settle(self, result: Result, error: Exception | None) -> None:
        """Take what became of the call: its result, or the error that it ended in."""


class Awaited:
    """The ticket of a coroutine."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[Result] = loop.create_future()

    def settle(self, result: Result, error: Exception | None) -> None:
        """Wake the coroutine, unless its caller hung up."""
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


class Waited:
    """The ticket of a thread."""

    def __init__(self) -> None:
        self._result: Result = None
        self._error: Exception | None = None
        self._settled = threading.Lock()
        self._settled.acquire()

    def settle(self, result: Result, error: Exception | None) -> None:
        """Wake the thread."""
        self._result, self._error = result, error
        self._settled.release()

    def wait(self) -> Result:
        """Return the result, or raise the error."""
        with self._settled:
            if self._error is not None:
                raise self._error
            return self._result


_Group = list[tuple[Call, Ticket]]
_Deliveries = list[Delivery[Ticket, Result]]


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
        self._admission = Admission(counters)
        self._loop = asyncio.get_running_loop()
        # When each call that has no answer yet came in (monotonic), in that order.
        self._unanswered: dict[Ticket, float] = {}
        # How many calls came since a group was last let begin.
        self._gathered = 0
        self._gathered_a_turn_ago = 0
        self._is_taking_stock = False
        # Who had no answer at the same time usually comes back: so many are waited for.
        self._expected = 1
        self._deadline: asyncio.TimerHandle | None = None
        # Whether what waits may be begun, and whether a group is being done.
        self._may_begin = False
        self._under_way: asyncio.Task[None] | _Group | None = None
        self._drained: asyncio.Future[None] | None = None
        self._queue: GroupQueue[Call, Ticket] = GroupQueue(
            max_waiting=settings.INGEST_QUEUE_SIZE,
            weight=lambda call: 1 if isinstance(call.item, ApiError) else path.weight(call.item),
        )
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
        self._begin()

    def submit(self, call: Call, ticket: Ticket) -> None:
        """Queue a call; its ticket is settled once its group is committed. Raises QueueFull."""
        self._put(call, ticket)
        self._unanswered[ticket] = time.monotonic()
        if not self._gathered:
            self._deadline = self._loop.call_later(GATHERING_SECONDS, self._begin)
        self._gathered += 1
        if self._gathered >= self._expected and not self._is_taking_stock:
            self._is_taking_stock = True
            self._loop.call_soon(self._take_stock)

    def _put(self, call: Call, ticket: Ticket) -> None:
        if self._drained is not None:
            raise QueueFull
        self._queue.submit(call, ticket)

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
        self._begin()
        await self._drained
        await asyncio.to_thread(self._writer.close)

    def _take_stock(self) -> None:
        """Let a group begin once a turn of the loop brought no further call.

        What arrives together is committed together: a group costs as much as fifty calls in it. A
        call that arrives alone waits for two turns of an idle loop, some 20 µs.
        """
        if self._gathered > self._gathered_a_turn_ago:
            self._gathered_a_turn_ago = self._gathered
            self._loop.call_soon(self._take_stock)
        else:
            self._is_taking_stock = False
            self._begin()

    def _begin(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._gathered = self._gathered_a_turn_ago = 0
        self._expected = max(len(self._unanswered), self._expected * 7 // 8, 1)
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
        if self._under_way is None and self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def _start(self, group: _Group) -> None:
        wire = self._usable_wire()
        if wire is None or not self._admission.is_at_hand:
            self._under_way = group
            self._writer.write(group)
        else:
            self._under_way = self._loop.create_task(self._do_here(group, wire))

    def _usable_wire(self) -> Wire | None:
        connection = self._writer.connection if self._path.usual is not None else None
        if connection is None or connection.closed:
            return None
        if self._wire is None or self._wire.connection is not connection:
            self._wire = Wire(connection)
        return self._wire

    async def _do_here(self, group: _Group, wire: Wire) -> None:
        """Do a group in the event loop, or leave what is let in of it to the writer."""
        refused = await self._admission.refusals_here([call for call, _ in group])
        let_in = [pair for pair, refusal in zip(group, refused, strict=True) if refusal is None]
        deliveries: _Deliveries = [
            Delivery(ticket, None, refusal)
            for (_, ticket), refusal in zip(group, refused, strict=True)
            if refusal is not None
        ]
        done = await self._done_by(wire, [call.item for call, _ in let_in])
        if done is None:
            self._under_way = let_in
            self._writer.write(let_in)
            self._settle(deliveries)
            return
        for (_, ticket), result in zip(let_in, done, strict=True):
            is_broken_off = isinstance(result, OperationalError)
            deliveries.append(Delivery(ticket, result, result if is_broken_off else None))
        self._finish(deliveries)

    async def _done_by(self, wire: Wire, items: Sequence[Any]) -> list[Result] | None:
        """Return what became of items, or None where that is left to the writer."""
        assert self._path.usual is not None
        try:
            results: list[Result] | None = await wire.take(self._path.usual(items))
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
