"""Connections are shared among the processes, also where they come all at once."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .test_worker import REQUEST, Server, read_answer

CONNECTIONS = 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, workers=2)
    with ExitStack() as stack:
        deadline = time.monotonic() + 60
        seen: set[int] = set()
        while len(seen) < 2:
            assert time.monotonic() < deadline
            seen |= processes_of([stack.enter_context(server.connect())]).keys()
    yield server
    server.process.kill()
    server.process.communicate()


def processes_of(connections: list[socket.socket]) -> Counter[int]:
    """Return how many connections each process has."""
    for connection in connections:
        connection.sendall(REQUEST % b"process")
    found: Counter[int] = Counter()
    for connection in connections:
        answered = re.search(rb"(\d+) answered", read_answer(connection))
        assert answered is not None
        found[int(answered[1])] += 1
    return found


def test_connections_of_a_rush_are_spread_evenly(server: Server) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(CONNECTIONS)]
        shares = processes_of(connections)
        assert len(shares) == 2
        assert max(shares.values()) - min(shares.values()) <= 4


def test_connections_go_to_the_process_that_has_fewest(server: Server) -> None:
    with ExitStack() as stack:

        def connect(number: int) -> Counter[int]:
            return processes_of([stack.enter_context(server.connect()) for _ in range(number)])

        shares = connect(CONNECTIONS)
        killed = min(shares)
        os.kill(killed, signal.SIGKILL)
        del shares[killed]
        # Nobody waits for one that is gone, and its successor begins with none.
        while len(shares) < 2 or abs(difference(shares)) > 4:
            assert shares.total() < 10 * CONNECTIONS
            shares += connect(10)
            assert killed not in shares
        before = difference(shares)
        shares += connect(CONNECTIONS)
        assert abs(difference(shares)) <= abs(before) + 2


def difference(shares: Counter[int]) -> int:
    one, other = shares.values()
    return one - other
