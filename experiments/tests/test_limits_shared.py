"""Limits among processes: one count in memcached, and no harm where memcached is away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django_ratelimit.core import _get_window

LIMIT = 100
# Call by call, as on Django's road, and by groups, as on the hot road.
ROADS = ["one", "group"]
# A process of its own, with the settings that CACHE_URL makes. Prints how many calls passed, and
# how long the slowest took.
PROCESS = """
import sys, time
import django
django.setup()
from experiments.answers import ApiError
from experiments.limits import Caller, check_limit, refusals

def check_group(group, caller):
    for _, refusal in refusals(group, {caller.address: 1}).values():
        raise refusal

check = {"one": check_limit, "group": check_group}[sys.argv[3]]
passed, slowest = 0, 0.0
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    try:
        check("events", Caller(sys.argv[1]))
        passed += 1
    except ApiError:
        pass
    slowest = max(slowest, time.perf_counter() - began)
print(passed, slowest)
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def call_from_a_process(port: int, address: str, calls: int, road: str) -> tuple[int, float]:
    """Return how many of the calls were let through, and the slowest one's seconds."""
    run = subprocess.run(
        [sys.executable, "-c", PROCESS, address, str(calls), road],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
            "SECRET_KEY": "s" * 50,
            "CACHE_URL": f"pymemcache://127.0.0.1:{port}",
            "RATE_LIMIT_EVENTS": str(LIMIT),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    passed, slowest = run.stdout.split()
    return int(passed), float(slowest)


def address_with_time_left(seconds: int) -> str:
    """Return an address whose minute doesn't end while the test runs."""
    addresses = (f"192.0.2.{n}" for n in range(255))
    return next(a for a in addresses if _get_window(a, 60) - time.time() > seconds)


@pytest.fixture
def memcached() -> Iterator[int]:
    """The port of a memcached that lives as long as the test."""
    program = shutil.which("memcached")
    if program is None:
        pytest.skip("memcached is not installed")
    port = free_port()
    with subprocess.Popen([program, "-l", "127.0.0.1", "-p", str(port), "-u", "nobody"]) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, "memcached doesn't answer"
        else:
            return


@pytest.mark.parametrize("road", ROADS)
def test_two_processes_share_one_limit(memcached: int, road: str) -> None:
    address = address_with_time_left(30)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(call_from_a_process, memcached, address, 80, road) for _ in range(2)]
        counts = [run.result() for run in runs]
    assert sum(passed for passed, _ in counts) == LIMIT
    assert call_from_a_process(memcached, address, 5, road)[0] == 0


@pytest.mark.parametrize("road", ROADS)
def test_memcached_that_is_gone_lets_everybody_through_at_once(road: str) -> None:
    passed, slowest = call_from_a_process(free_port(), "192.0.2.1", 2 * LIMIT, road)
    assert passed == 2 * LIMIT
    assert slowest < 1


@pytest.mark.parametrize("road", ROADS)
def test_memcached_that_never_answers_costs_one_short_wait(road: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        began = time.monotonic()
        port = silent.getsockname()[1]
        passed, slowest = call_from_a_process(port, "192.0.2.1", 2 * LIMIT, road)
        assert time.monotonic() - began < 15
    assert passed == 2 * LIMIT
    assert slowest < 2
