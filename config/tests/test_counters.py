"""Counters raised from the event loop are the very ones that Django's cache raises."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from django.core.cache import cache
from pymemcache import HashClient
from pytest_django import Settings

from config import counters
from config.counters import SharedCounters
from config.tests.looping import run_loop
from experiments import limits
from experiments.limits import counters_for
from experiments.tests.test_limits_shared import address_with_time_left, free_port
from experiments.tests.test_limits_shared import memcached as memcached

T = TypeVar("T")
MEMCACHED = "django.core.cache.backends.memcached.PyMemcacheCache"


@pytest.fixture(autouse=True)
def limits_of_a_hundred(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "events": 100}


@pytest.fixture(autouse=True)
def connections_of_the_cache_are_closed(settings: Settings) -> Iterator[None]:
    yield
    client = getattr(cache, "_cache", None)
    if isinstance(client, HashClient):
        client.close()


def use(settings: Settings, port: int) -> None:
    settings.CACHES = {"default": {"BACKEND": MEMCACHED, "LOCATION": f"127.0.0.1:{port}"}}


def with_counters(act: Callable[[SharedCounters], Awaitable[T]]) -> T:
    async def run() -> T:
        shared = SharedCounters()
        try:
            return await act(shared)
        finally:
            shared.close()

    return run_loop(run())


async def until_there(shared: SharedCounters) -> None:
    async with asyncio.timeout(10):
        while not shared.is_there:
            await asyncio.sleep(0.01)


async def raised(shared: SharedCounters, calls: dict[str, int]) -> list[int]:
    return await shared.raised(counters_for("events", calls))


def test_counters_are_those_of_the_cache_of_all(settings: Settings, memcached: int) -> None:
    use(settings, memcached)
    address = address_with_time_left(20)

    def raised_by(calls: dict[str, int]) -> list[int]:
        async def act(shared: SharedCounters) -> list[int]:
            await until_there(shared)
            return await raised(shared, calls)

        return with_counters(act)

    assert raised_by({address: 60, "192.0.2.250": 1}) == [60, 1]
    assert limits.refusals("events", {address: 30}) == {}
    assert raised_by({address: 20, "192.0.2.251": 3}) == [110, 3]
    # And those end with the minute, as the cache's own: nothing is kept for ever.
    with socket.create_connection(("127.0.0.1", memcached), timeout=5) as connection:
        [counter, _] = counters_for("events", {address: 0, "192.0.2.250": 0})
        connection.sendall(f"mg :1:{counter.key} t\r\n".encode())
        answer = connection.recv(100).decode()
    assert answer.startswith("HD t")
    assert 0 < int(answer.removeprefix("HD t")) <= 61


def test_questions_asked_at_once_are_answered_each(settings: Settings, memcached: int) -> None:
    use(settings, memcached)

    async def act(shared: SharedCounters) -> list[list[int]]:
        await until_there(shared)
        asked = [raised(shared, {f"198.51.100.{n}": n + 1}) for n in range(50)]
        return await asyncio.gather(*asked)

    assert with_counters(act) == [[n + 1] for n in range(50)]


def test_answer_is_not_waited_for_where_little_is_known_to_be_used(
    settings: Settings, memcached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(settings, memcached)
    monkeypatch.setattr(counters, "FRESH_SECONDS", 60)
    address = address_with_time_left(20)

    async def act(shared: SharedCounters) -> None:
        def let_in(calls: int, address: str = address) -> bool:
            return shared.raise_unless_above(counters_for("events", {address: calls}), 25)

        await until_there(shared)
        # Of somebody who comes for the first time nothing is known.
        assert not let_in(1)
        assert await raised(shared, {address: 10}) == [10]
        assert let_in(5)
        assert let_in(5)
        # What has no answer yet counts as well: 10 + 5 + 5 + 6.
        assert not let_in(6)
        assert let_in(5)
        # Each was counted, and those that weren't let in here were not.
        assert await raised(shared, {address: 0}) == [25]
        assert not let_in(1)
        monkeypatch.setattr(counters, "FRESH_SECONDS", 0)
        assert await raised(shared, {"198.51.100.1": 1}) == [1]
        assert not let_in(1, "198.51.100.1")

    with_counters(act)


def test_only_so_many_counters_are_remembered(
    settings: Settings, memcached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(settings, memcached)
    monkeypatch.setattr(counters, "MOST_KNOWN", 10)

    async def act(shared: SharedCounters) -> int:
        await until_there(shared)
        for n in range(50):
            assert await raised(shared, {f"198.51.100.{n}": 1}) == [1]
        return len(shared._known)

    assert with_counters(act) <= 11


def test_memcached_that_ends_lets_everybody_in_until_it_is_back(
    settings: Settings, memcached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counters, "RETRY_SECONDS", 0.05)
    port = free_port()
    use(settings, port)

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(["memcached", "-l", "127.0.0.1", "-p", str(port), "-u", "nobody"])

    async def act(shared: SharedCounters) -> None:
        with start() as server:
            await until_there(shared)
            assert await raised(shared, {"192.0.2.1": 7}) == [7]
            server.terminate()
        assert await raised(shared, {"192.0.2.1": 7}) == [0]
        assert not shared.is_there
        with start() as server:
            await until_there(shared)
            assert await raised(shared, {"192.0.2.1": 7}) == [7]
            server.terminate()

    with_counters(act)


def answering(reply: bytes) -> Callable[..., Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            writer.write(reply)
        writer.close()

    return answer


def test_memcached_that_says_nothing_is_not_waited_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counters, "ANSWER_SECONDS", 0.2)

    async def run() -> None:
        server = await asyncio.start_server(answering(b""), "127.0.0.1", 0)
        use(settings, server.sockets[0].getsockname()[1])
        shared = SharedCounters()
        await until_there(shared)
        began = time.monotonic()
        answers = await asyncio.gather(*(raised(shared, {"192.0.2.1": 200}) for _ in range(3)))
        assert answers == [[0]] * 3
        assert time.monotonic() - began < 5
        assert not shared.is_there
        shared.close()
        server.close()

    run_loop(run())


def test_memcached_that_does_not_know_the_command_is_left_to_the_cache(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counters, "RETRY_SECONDS", 0)

    async def run() -> None:
        server = await asyncio.start_server(answering(b"ERROR\r\n"), "127.0.0.1", 0)
        use(settings, server.sockets[0].getsockname()[1])
        shared = SharedCounters()
        await until_there(shared)
        assert await raised(shared, {"192.0.2.1": 200}) == [0]
        for _ in range(20):
            assert not shared.is_there
            await asyncio.sleep(0.01)
        shared.close()
        server.close()

    run_loop(run())


@pytest.mark.parametrize(
    "cache",
    [
        {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        {"BACKEND": MEMCACHED, "LOCATION": ["127.0.0.1:11211", "127.0.0.1:11212"]},
        {"BACKEND": MEMCACHED, "LOCATION": "unix:/nowhere/memcached.sock"},
    ],
)
def test_other_caches_count_themselves(settings: Settings, cache: dict[str, object]) -> None:
    settings.CACHES = {"default": cache}

    async def act(shared: SharedCounters) -> bool:
        return shared.is_there

    assert with_counters(act) is False
