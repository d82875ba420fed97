"""Where hot calls wait for their group, and what is done with a group."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings

from experiments import limits
from experiments.answers import ApiError
from experiments.grouping import Delivery, GroupWriter
from experiments.hot import HotPath

logger = logging.getLogger(__name__)

Result = Any

# Where a call has gone without its answer for so long, no more are let in until it is answered:
# who comes now would wait longer still, and had better be told at once to come back.
BEHIND_SECONDS = 2.0
# A group is begun after so long, also while further calls are still arriving.
GATHERING_SECONDS = 0.002


@dataclass(slots=True)
class Call:
    """One call on its way: under which limit, from which address, with what in its body.

    `item` is the ApiError of a body that is wrong. Such a call counts towards the limit as well.
    Without an address it counts towards none: it comes from this process itself. One that was
    counted and let in isn't counted again when its group failed and it is done by itself.
    """

    path: HotPath[Any, Any]
    address: str | None
    item: Any
    is_let_in: bool = False


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
    """The ticket of a thread, which has it settled by the writer itself."""

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


class Lane:
    """A writer for one kind of work, between the event loop and the database."""

    def __init__(self, path: HotPath[Any, Any]) -> None:
        self._path = path
        self._act = path.act
        self._loop = asyncio.get_running_loop()
        # When each call that has no answer yet came in (monotonic), in that order.
        self._unanswered: dict[Ticket, float] = {}
        # How many calls came since the writer was last let begin.
        self._gathered = 0
        self._gathered_a_turn_ago = 0
        self._is_taking_stock = False
        # Who was answered together usually comes back together.
        self._expected = 1
        self._deadline: asyncio.TimerHandle | None = None
        self._writer: GroupWriter[Call, Ticket, Result] = GroupWriter(
            self._do,
            self._deliver,
            name=f"writer {path.limit}",
            max_waiting=settings.INGEST_QUEUE_SIZE,
            weight=lambda call: 1 if isinstance(call.item, ApiError) else path.weight(call.item),
        )

    @property
    def waiting(self) -> int:
        """How many calls wait for their group to begin."""
        return self._writer.waiting

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
        for item, ticket in zip(items, tickets, strict=True):
            self._writer.submit(Call(self._path, None, item), ticket)
        self._writer.begin()
        return [ticket.wait() for ticket in tickets]

    def submit(self, call: Call, ticket: Ticket) -> None:
        """Queue a call; its ticket is settled once its group is committed. Raises QueueFull."""
        self._writer.submit(call, ticket)
        self._unanswered[ticket] = time.monotonic()
        if not self._gathered:
            self._deadline = self._loop.call_later(GATHERING_SECONDS, self._begin)
        self._gathered += 1
        if self._gathered >= self._expected and not self._is_taking_stock:
            self._is_taking_stock = True
            self._loop.call_soon(self._take_stock)

    def forget(self, ticket: Ticket) -> None:
        """Wait no more for a ticket's answer: its caller has it, or hung up."""
        self._unanswered.pop(ticket, None)

    def _take_stock(self) -> None:
        """Let the writer begin once a turn of the loop brought no further call.

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
        self._writer.begin()

    def is_behind(self) -> bool:
        """Return whether more is arriving than is answered in time, whatever the reason."""
        oldest = next(iter(self._unanswered.values()), None)
        return oldest is not None and time.monotonic() - oldest > BEHIND_SECONDS

    def close(self) -> None:
        """Do what waits, then stop."""
        self._writer.close()

    def _do(self, calls: Sequence[Call]) -> list[Result]:
        """Count the calls against their limits, and do those that are let in and well-formed."""
        results: list[Result] = [_refused(call, left) for call, left in _admitted(calls)]
        places = [n for n, result in enumerate(results) if result is None]
        done = self._act([calls[n].item for n in places])
        for n, result in zip(places, done, strict=True):
            results[n] = result
        return results

    def _deliver(self, group: list[Delivery[Ticket, Result]]) -> None:
        for ticket, result, error in group:
            if type(ticket) is Waited:
                ticket.settle(result, error)
        if any(type(delivery.ticket) is not Waited for delivery in group):
            self._loop.call_soon_threadsafe(self._settle, group)

    def _settle(self, group: list[Delivery[Ticket, Result]]) -> None:
        self._expected = len(group)
        for ticket, result, error in group:
            if type(ticket) is Waited:
                continue
            self.forget(ticket)
            refusal = result if isinstance(result, ApiError) else error
            try:
                ticket.settle(None if refusal else result, refusal)
            except Exception:
                # Whatever is wrong with one connection, its neighbours are answered.
                logger.exception("an answer could not be sent")


def _refused(call: Call, refusal: ApiError | None) -> ApiError | None:
    if refusal is not None:
        return refusal
    return call.item if isinstance(call.item, ApiError) else None


def _admitted(calls: Sequence[Call]) -> list[tuple[Call, ApiError | None]]:
    """Return each call with the refusal that its limit has for it, if it has one."""
    by_limit: dict[str, Counter[str]] = {}
    for call in calls:
        if call.address is not None and not call.is_let_in:
            by_limit.setdefault(call.path.limit, Counter())[call.address] += 1
    refused = {limit: limits.refusals(limit, counts) for limit, counts in by_limit.items()}
    if any(refused.values()):
        admitted = _in_order(calls, refused)
    else:
        admitted = [(call, None) for call in calls]
    for call, refusal in admitted:
        call.is_let_in = refusal is None
    return admitted


def _in_order(
    calls: Sequence[Call], refused: Mapping[str, Mapping[str, tuple[int, ApiError]]]
) -> list[tuple[Call, ApiError | None]]:
    """Let the first calls of an address in, as many as its limit has room for."""
    let_in: Counter[tuple[str, str]] = Counter()
    admitted: list[tuple[Call, ApiError | None]] = []
    for call in calls:
        if call.address is None or call.is_let_in:
            admitted.append((call, None))
            continue
        room, refusal = refused[call.path.limit].get(call.address, (len(calls), None))
        key = (call.path.limit, call.address)
        admitted.append((call, None if let_in[key] < room else refusal))
        let_in[key] += 1
    return admitted
