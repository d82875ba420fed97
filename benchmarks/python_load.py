"""The load without wrk: plain sockets in asyncio, bounded in time. Slower, and the same requests.

It takes more of the machine than wrk does, so that the limits are measured lower too.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.load import Load, Measured

TYPES = ("page_view", "scroll_depth", "cta_click", "click")
Maker = Callable[[], bytes]


def drive(url: str, load: Load, data: Path) -> Measured:
    """Send the load and measure it, as benchmarks.load.drive does."""
    return asyncio.run(_drive(url, load, _maker(load.kind, data)))


async def _drive(url: str, load: Load, make: Maker) -> Measured:
    host, port = urlsplit(url).hostname or "127.0.0.1", urlsplit(url).port or 80
    deadline = time.perf_counter() + load.seconds
    latencies: list[float] = []
    failures = 0

    async def one_connection() -> None:
        nonlocal failures
        reader, writer = await asyncio.open_connection(host, port)
        while time.perf_counter() < deadline:
            begun = time.perf_counter()
            writer.write(make())
            status = await _status(reader)
            latencies.append((time.perf_counter() - begun) * 1000)
            failures += not 200 <= status < 400
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one_connection() for _ in range(load.connections)))
    elapsed = time.perf_counter() - begun
    latencies.sort()
    return Measured(
        rate=len(latencies) / elapsed,
        p50=latencies[len(latencies) // 2],
        p99=latencies[len(latencies) * 99 // 100],
        requests=len(latencies),
        failures=failures,
    )


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" in head:
        while size := int((await reader.readline()).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        length = head.partition(b"content-length:")[2].split(b"\r\n")[0]
        await reader.readexactly(int(length or 0))
    return int(head.split()[1])


def _maker(kind: str, data: Path) -> Maker:
    """Return what makes the next request of a kind, as the script in lua/ of that name does."""
    gets = {"two_bytes": "/two-bytes", "page_limit": "/page", "page_new": "/"}
    if kind in gets:
        request = _request("GET", gets[kind])
        return lambda: request
    if kind == "page_returning":
        request = _request("GET", "/", f"Cookie: {_text(data, 'cookie.txt')}\r\n")
        return lambda: request
    if kind == "stats":
        token = f"Authorization: Bearer {_text(data, 'token.txt')}\r\n"
        request = _request("GET", f"/api/stats?experimentId={_text(data, 'stats.txt')}", token)
        return lambda: request
    return _posting(kind, data)


def _posting(kind: str, data: Path) -> Maker:
    experiment = _text(data, "experiment.txt")
    visitors = [line.split(",") for line in (data / "visitors.csv").read_text().split()]
    rng = random.Random(7)  # noqa: S311  (a load, not a secret)

    def event() -> dict[str, object]:
        visitor, variant = rng.choice(visitors)
        return {
            "id": str(uuid.uuid4()),
            "visitorId": visitor,
            "experimentId": experiment,
            "variantId": variant,
            "eventType": rng.choice(TYPES),
            "metadata": {"depth": 50},
        }

    def wish(visitor: str) -> bytes:
        return _post("/api/assignments", {"visitorId": visitor, "experimentId": experiment})

    makers: dict[str, Maker] = {
        "assignment_new": lambda: wish(str(uuid.uuid4())),
        "assignment_returning": lambda: wish(rng.choice(visitors)[0]),
        "event": lambda: _post("/api/events", event()),
        "batch": lambda: _post("/api/events/batch", {"events": [event() for _ in range(50)]}),
    }
    return makers[kind]


def _post(path: str, content: object) -> bytes:
    body = json.dumps(content).encode()
    return _request("POST", path, f"Content-Length: {len(body)}\r\n") + body


def _request(method: str, path: str, headers: str = "") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()


def _text(data: Path, name: str) -> str:
    return (data / name).read_text().strip()
