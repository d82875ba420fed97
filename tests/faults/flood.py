"""Many connections at once, from one thread: each sends a call, reads the answer, and again.

The flood must be the server's trouble and not the client's: everything is connected and its first
calls are written out before the clock starts, and a refused call is sent again as it is.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.faults.couriers import CLIENT_SECONDS, PAUSE_SECONDS, Answered, Target

# Stand in the template of a call for what is different each time.
_VISITOR = "00000000-0000-4000-8000-000000000000"
_EVENT = "00000000-0000-4000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it goes over the wire, and the ids of its events."""

    ids: frozenset[str]
    message: bytes


@dataclass
class Flood:
    """What became of the calls: how each was answered, and which events are acknowledged."""

    port: int
    target: Target
    batch: int = 1
    answers: list[Answered] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    # When the first call was sent (monotonic).
    began: float = 0.0

    def __post_init__(self) -> None:
        event = {
            "id": _EVENT,
            "visitorId": _VISITOR,
            "experimentId": self.target.experiment_id,
            "variantId": self.target.variant_ids[0],
            "eventType": "page_view",
        }
        self._is_single = self.batch == 1
        content = event if self._is_single else {"events": [event] * self.batch}
        self._template = json.dumps(content)
        path = "/api/events" if self._is_single else "/api/events/batch"
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self._template)}\r\n\r\n"
        )

    def run(
        self,
        connections: int,
        *,
        calls: int = 0,
        seconds: float = 0,
        until: Callable[[], bool] = lambda: True,
    ) -> None:
        """Send so many calls on each connection, or as many as are answered in so many seconds.

        Where the seconds are over and `until` doesn't hold yet, go on until it does, up to the time
        that a client is patient for.
        """
        first = [self._fresh_call() for _ in range(connections)]

        def is_over(sent: int) -> bool:
            if calls:
                return sent >= calls
            passed = time.monotonic() - self.began
            return passed > seconds and (until() or passed > seconds + CLIENT_SECONDS)

        # In a thread: a test's own may have a browser's event loop running.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(self._all(first, is_over))).result()

    async def _all(self, first: list[Call], is_over: Callable[[int], bool]) -> None:
        opened = [await asyncio.open_connection("127.0.0.1", self.port) for _ in first]
        self.began = time.monotonic()
        try:
            await asyncio.gather(
                *(
                    self._connection(reader, writer, call, is_over)
                    for (reader, writer), call in zip(opened, first, strict=True)
                )
            )
        finally:
            for _, writer in opened:
                writer.close()
            for _, writer in opened:
                await writer.wait_closed()

    async def _connection(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        call: Call,
        is_over: Callable[[int], bool],
    ) -> None:
        for sent in itertools.count():
            if is_over(sent):
                return
            status = await self._send(reader, writer, call)
            if status == 201:
                self.acknowledged |= call.ids
                call = self._fresh_call()
            else:
                await asyncio.sleep(PAUSE_SECONDS)

    async def _send(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call: Call
    ) -> int:
        """Send a call, note how it was answered, and return the status."""
        began = time.monotonic()
        writer.write(call.message)
        async with asyncio.timeout(CLIENT_SECONDS):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            await reader.readexactly(int(headers["content-length"]))
        status = int(head[0].split()[1])
        seconds = time.monotonic() - began
        self.answers.append(Answered(began, seconds, status, headers.get("retry-after", "")))
        return status

    def _fresh_call(self) -> Call:
        first, *others = self._template.replace(_VISITOR, str(uuid.uuid4())).split(_EVENT)
        ids = [str(uuid.uuid4()) for _ in others]
        body = first + "".join(map("".join, zip(ids, others, strict=True)))
        return Call(frozenset(ids), (self._head + body).encode())
