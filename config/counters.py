"""Counters in memcached, raised from the event loop: the rate limits of the hot calls.

A group of calls waits for its limits first. Django's cache would hold up the loop for a round trip,
or take a thread there and back, which costs more than the question. So the one command that hot
calls need is spoken here; where it can't be, Django's cache counts, in a thread.
"""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches

from experiments.limits import CallCounter

# What takes longer isn't waited for, as with Django's cache.
ANSWER_SECONDS = 0.5
# How long a counter is taken to be about where it was.
FRESH_SECONDS = 0.05
# Of more counters than that, what is known is forgotten.
MOST_KNOWN = 10_000
# After a failure the server is left alone for so long.
RETRY_SECONDS = 5.0


class SharedCounters:
    """The counters of the cache that all processes share. For one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = _server()
        self._connection: _Connection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._known: dict[str, _Known] = {}

    @property
    def is_there(self) -> bool:
        """Whether counters can be raised here. If not, that may change: it is seen to."""
        if self._connection is not None:
            if not self._connection.is_lost:
                return True
            if self._connection.is_too_old:
                self._server = None
        is_under_way = self._connecting is not None and not self._connecting.done()
        if self._server and not is_under_way and self._loop.time() >= self._not_before:
            self._connecting = self._loop.create_task(self._connect(*self._server))
        return False

    async def raised(self, counters: Sequence[CallCounter]) -> list[int]:
        """Raise counters and return how far; 0 for each where nobody answers: fail open."""
        answer: asyncio.Future[list[int]] = self._loop.create_future()
        self._ask(counters, answer)
        return await answer

    def raise_unless_above(self, counters: Sequence[CallCounter], mark: int) -> bool:
        """Raise counters if that leaves all of them below a mark, as far as is known; return it.

        Known is what was answered moments ago. Who may go by that needn't wait for the answer, and
        on a busy machine waiting for memcached's turn takes longer than anything it does.
        """
        if not all(self._is_below(counter, mark) for counter in counters):
            return False
        self._ask(counters)
        return True

    def _is_below(self, counter: CallCounter, mark: int) -> bool:
        known = self._known.get(counter.key)
        return (
            known is not None
            and self._loop.time() - known.at < FRESH_SECONDS
            and known.count + known.unanswered + counter.arrived <= mark
        )

    def _ask(
        self, counters: Sequence[CallCounter], answer: asyncio.Future[list[int]] | None = None
    ) -> None:
        if self._connection is None or self._connection.is_lost:
            self._note(counters, answer, [0] * len(counters))
            return
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        for counter in counters:
            self._known.setdefault(counter.key, _Known()).unanswered += counter.arrived
        self._connection.ask(counters, functools.partial(self._note, counters, answer))

    def _note(
        self,
        counters: Sequence[CallCounter],
        answer: asyncio.Future[list[int]] | None,
        counts: list[int],
    ) -> None:
        if answer is not None and not answer.done():
            answer.set_result(counts)
        now = self._loop.time()
        for counter, count in zip(counters, counts, strict=True):
            known = self._known.setdefault(counter.key, _Known())
            known.count, known.at = count, now
            known.unanswered = max(known.unanswered - counter.arrived, 0)

    def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._connection is not None:
            self._connection.lose()

    async def _connect(self, host: str, port: int) -> None:
        self._not_before = self._loop.time() + RETRY_SECONDS
        with suppress(OSError):
            async with asyncio.timeout(ANSWER_SECONDS):
                _, self._connection = await self._loop.create_connection(_Connection, host, port)


def _server() -> tuple[str, int] | None:
    """Return the one memcached that counts; None where another cache does, or several of them."""
    config = settings.CACHES["default"]
    location = config.get("LOCATION", "")
    if not config["BACKEND"].endswith("PyMemcacheCache") or not isinstance(location, str):
        return None
    host, _, port = location.rpartition(":")
    return (host.strip("[]"), int(port)) if host and port.isdigit() else None


@dataclass(slots=True)
class _Known:
    """How far a counter was raised, when that was answered, and by how much it was raised since."""

    count: int = 0
    at: float = -FRESH_SECONDS
    unanswered: int = 0


class _Connection(asyncio.Protocol):
    """A connection to memcached, which answers in the order of the questions."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        # How many counts each question waits for, and who is told them.
        self._asked: deque[tuple[int, Callable[[list[int]], None]]] = deque()
        self._counts: list[int] = []
        self._answered = 0
        self._watch: asyncio.TimerHandle | None = None
        # As Django's cache calls them. (It looks for itself anew each time that it is named.)
        self._key = caches["default"].make_key
        self._rest = b""
        self.is_lost = False
        # Whether the server doesn't know the command, as before memcached 1.6.
        self.is_too_old = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self, counters: Sequence[CallCounter], tell: Callable[[list[int]], None]) -> None:
        """Raise counters, and tell how far; 0 for each if nobody answers."""
        # Raised by D, or made as J where it isn't there yet, to live for N seconds; the value, v,
        # comes back. A counter outlives its minute by a second.
        lines = [
            f"ma {self._key(c.key)} N{c.seconds + 1} J{c.arrived} D{c.arrived} v\r\n"
            for c in counters
        ]
        self._asked.append((len(lines), tell))
        self._transport.write("".join(lines).encode())  # type: ignore[attr-defined]  # a socket's
        if self._watch is None:
            self._watch = self._loop.call_later(
                ANSWER_SECONDS, self._look_for_answers, self._answered
            )

    def _look_for_answers(self, answered_before: int) -> None:
        """Give the connection up if questions wait and none was answered since the last look.

        One timer while there is anything to wait for, instead of one for each question.
        """
        self._watch = None
        if self._asked and self._answered == answered_before:
            self.lose()
        elif self._asked:
            self._watch = self._loop.call_later(
                ANSWER_SECONDS, self._look_for_answers, self._answered
            )

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        for line in lines:
            if line.isdigit():
                self._counts.append(int(line))
            elif not line.startswith(b"VA "):
                self.is_too_old = line == b"ERROR"
                self.lose()
                return
        while self._asked and len(self._counts) >= self._asked[0][0]:
            number, tell = self._asked.popleft()
            self._answered += 1
            counts, self._counts = self._counts[:number], self._counts[number:]
            tell(counts)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.lose()

    def lose(self) -> None:
        """Give the connection up; whoever waits is told that nobody counted."""
        self.is_lost = True
        self._transport.abort()  # type: ignore[attr-defined]  # a socket's
        while self._asked:
            number, tell = self._asked.popleft()
            tell([0] * number)
