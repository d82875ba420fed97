"""Many connections at once, from one thread: each sends a call, reads the answer, and again."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.couriers import CLIENT_SECONDS, Answered, Target

# Stand in the template of a call for what is different each time.
_VISITOR = "00000000-0000-4000-8000-000000000000"
_EVENT = "00000000-0000-4000-8000-000000000001"


@dataclass
class Flood:
    """What became of the calls: how each was answered, and which events are acknowledged."""

    port: int
    target: Target
    batch: int = 1
    answers: list[Answered] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

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

    def run(self, connections: int, *, calls: int = 0, seconds: float = 0) -> None:
        """Send so many calls on each connection, or as many as are answered in so many seconds."""
        end = time.monotonic() + seconds

        def is_over(sent: int) -> bool:
            return sent >= calls if calls else time.monotonic() > end

        asyncio.run(self._all(connections, is_over))

    async def _all(self, connections: int, is_over: Callable[[int], bool]) -> None:
        await asyncio.gather(*(self._connection(is_over) for _ in range(connections)))

    async def _connection(self, is_over: Callable[[int], bool]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for sent in itertools.count():
                if is_over(sent):
                    return
                await self._call(reader, writer)
        finally:
            writer.close()
            await writer.wait_closed()

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ids, body = self._fresh_body()
        began = time.monotonic()
        writer.write((self._head + body).encode())
        async with asyncio.timeout(CLIENT_SECONDS):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            await reader.readexactly(int(headers["content-length"]))
        status = int(head[0].split()[1])
        seconds = time.monotonic() - began
        self.answers.append(Answered(began, seconds, status, headers.get("retry-after", "")))
        if status == 201:
            self.acknowledged |= ids

    def _fresh_body(self) -> tuple[set[str], str]:
        first, *others = self._template.replace(_VISITOR, str(uuid.uuid4())).split(_EVENT)
        ids = [str(uuid.uuid4()) for _ in others]
        return set(ids), first + "".join(map("".join, zip(ids, others, strict=True)))
