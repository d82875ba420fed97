"""gunicorn with our worker: slow clients are let go; a stop is quick and loses nothing."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import worker

from .conftest import PROJECT, free_port

APPLICATION = """
import asyncio
import os
from config import acceptor, worker

worker.FIRST_REQUEST_SECONDS = 0.5
acceptor.HEAD_START_SECONDS = 0.05


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("shut down", flush=True)
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == "/slow":
        print("begun", flush=True)
        await asyncio.sleep(1)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    process = f"{os.getpid()} " if scope["path"] == "/process" else ""
    await send({"type": "http.response.body", "body": process.encode() + b"answered"})
"""
# As a shell gives them, but fewer, to be reached sooner.
FEW_FILES = 100
REQUEST = b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Server:
    """gunicorn serving the application above."""

    def __init__(self, folder: Path, *, workers: int = 1) -> None:
        (folder / "answering.py").write_text(APPLICATION)
        self.port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
        command += ["--pythonpath", str(folder), "--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            [
                "sh",
                "-c",
                f'ulimit -S -n {FEW_FILES}; exec "$@"',
                "sh",
                *command,
                "answering:application",
            ],
            cwd=PROJECT,
            env={**os.environ, "WEB_CONCURRENCY": str(workers)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while self.answer(b"") != b"answered":
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def connect(self, data: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(data)
        return connection

    def answer(self, path: bytes) -> bytes:
        try:
            with self.connect(REQUEST.replace(b"1.1", b"1.0") % path) as connection:
                return b"".join(iter(lambda: connection.recv(4096), b""))[-8:]
        except ConnectionError:
            return b""

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Stop it, and return how many seconds that took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=40)
        return time.monotonic() - begun


def read_answer(connection: socket.socket) -> bytes:
    """Read one whole answer, in however many parts it comes, and return it."""
    received = b""
    while not received.endswith(b"answered\r\n0\r\n\r\n"):
        part = connection.recv(4096)
        assert part, received
        received += part
    return received


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.process.kill()
    server.process.communicate()


def test_stop_with_idle_connections_is_quick_and_shuts_the_application_down(
    server: Server,
) -> None:
    with server.connect() as silent, server.connect(REQUEST % b"") as answered:
        read_answer(answered)
        # Far from the 30 seconds that gunicorn would give them.
        assert server.stop() < 15
        assert silent.recv(1) == answered.recv(1) == b""
    assert server.process.stdout is not None
    assert server.process.stdout.read() == "shut down\n"


def test_stop_lets_a_request_under_way_finish(server: Server) -> None:
    with server.connect(REQUEST % b"slow") as connection:
        assert server.process.stdout is not None
        assert server.process.stdout.readline() == "begun\n"
        server.process.send_signal(signal.SIGTERM)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"answered" in answer
    assert server.process.wait(timeout=60) == 0


@pytest.mark.parametrize("beginning", [b"", b"GET / HTTP/1.1\r\nHost: loc"])
def test_connection_without_a_whole_request_is_closed(server: Server, beginning: bytes) -> None:
    assert worker.FIRST_REQUEST_SECONDS == 10  # half a second in the application above
    with server.connect(beginning) as connection:
        assert connection.recv(1) == b""
    assert server.answer(b"") == b"answered"


def test_connection_that_was_answered_is_kept_longer(server: Server) -> None:
    with server.connect(REQUEST % b"") as connection:
        for _ in range(3):
            read_answer(connection)
            time.sleep(0.6)
            connection.sendall(REQUEST % b"")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux tells of others")
def test_more_connections_are_allowed_than_a_shell_would(server: Server) -> None:
    allowed, most = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    assert allowed > FEW_FILES
    assert allowed == (65_536 if most == resource.RLIM_INFINITY else min(most, 65_536))


def test_log_lines_are_json_and_requests_are_left_to_the_site(server: Server) -> None:
    server.stop()
    assert server.process.stderr is not None
    lines = [json.loads(line) for line in server.process.stderr.read().splitlines()]
    assert "Starting gunicorn" in lines[0]["message"]
    assert {line["logger"] for line in lines} == {"gunicorn.error"}
    assert not [line for line in lines if "GET" in line["message"]]
