"""`make run` from the first line to the last: served, stopped by any signal, and nothing left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from config.embedded import Cluster, Places

from .conftest import PROJECT, free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are found in /proc"),
]
# Names a process of ours, and its children, wherever they go: also in sessions of their own.
MARK = "PLAINSPLIT_TEST_RUN"


def clean_environment(var_dir: Path, port: int) -> dict[str, str]:
    """Return what a shell would pass on: nothing of the `make` that may be running these tests."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "VAR_DIR": str(var_dir), "PORT": str(port)}


class Run:
    """One `make run`, in a process group of its own, as a terminal would start it."""

    def __init__(self, var_dir: Path, umask: int = -1) -> None:
        self.places = Places(var_dir, "development")
        self.port = free_port()
        self.mark = str(var_dir)
        environment = {**clean_environment(var_dir, self.port), MARK: self.mark}
        self.make = subprocess.Popen(
            ["make", "--no-print-directory", "run"],
            cwd=PROJECT,
            env=environment,
            umask=umask,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed = ""

    def until_up(self) -> Run:
        """Wait until the addresses are printed."""
        self.printed = self._read_until("Ctrl-C")
        return self

    def _read_until(self, end: str) -> str:
        assert self.make.stdout is not None
        lines = []
        for line in self.make.stdout:
            lines.append(line)
            if end in line:
                return "".join(lines)
        raise AssertionError("".join(lines))

    def get(self, path: str) -> tuple[int, str]:
        with urlopen(f"http://localhost:{self.port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()

    def wait(self) -> str:
        """Wait for the end, and return what was printed since the addresses."""
        rest, _ = self.make.communicate(timeout=60)
        return rest

    def child(self) -> int:
        """Return the process id of the one process that `make` started."""
        (child,) = (pid for pid, parent in parents().items() if parent == self.make.pid)
        return child

    def left_behind(self) -> list[str]:
        """Processes that `make run` started and that still live."""
        server = Cluster(self.places).postmaster_pid()
        return [*marked(self.mark), *([f"PostgreSQL {server}"] if server else [])]


def marked(mark: str) -> list[str]:
    """Return the command lines of this user's processes that were started with the mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}" in (folder / "environ").read_text(errors="replace"):
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # gone, or not ours to see
    return found


def parents() -> dict[int, int]:
    """Return the parent's process id by each process's own."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name before the last bracket may hold anything, brackets included.
            found[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return found


@pytest.fixture
def start(var_dir: Path) -> Iterator[Any]:
    runs: list[Run] = []

    def start(**options: Any) -> Run:
        runs.append(Run(var_dir, **options))
        return runs[-1]

    yield start
    for run in runs:
        if run.make.poll() is None:
            os.killpg(run.make.pid, signal.SIGKILL)
        run.make.communicate()


def test_run_from_nothing_serves_what_it_prints_and_again_with_the_same_data(start: Any) -> None:
    run = start().until_up()
    for path in ("/", "/dashboard/", "/api/health", "/api/openapi.json"):
        assert f"http://localhost:{run.port}{path}\n" in run.printed
        assert run.get(path)[0] == 200, path
    assert "username staff, password staff" in run.printed
    assert json.loads(run.get("/api/health")[1])["status"] == "healthy"
    toggles = run.get("/api/toggles")[1]
    assert len(json.loads(toggles)) == 3
    run.make.send_signal(signal.SIGTERM)
    run.wait()
    assert run.left_behind() == []

    again = start().until_up()
    assert "Installing" not in again.printed
    assert again.get("/api/toggles")[1] == toggles
    os.killpg(again.make.pid, signal.SIGINT)
    again.wait()
    assert again.left_behind() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_ends_whole_when_the_terminal_signals_everybody(
    start: Any, number: signal.Signals
) -> None:
    run = start(umask=0o077).until_up()
    with socket.create_connection(("127.0.0.1", run.port)):
        os.killpg(run.make.pid, number)
        printed = run.wait()
    assert run.left_behind() == []
    assert "Traceback" not in printed
    log = (run.places.data / "server.log").read_text()
    assert "database system is shut down" in log
    assert "database system was interrupted" not in log


def test_run_ends_whole_when_only_the_server_is_told_twice(start: Any) -> None:
    run = start().until_up()
    server = run.child()
    os.kill(server, signal.SIGTERM)
    os.kill(server, signal.SIGTERM)
    run.wait()
    assert run.left_behind() == []


def test_run_ends_whole_when_told_twice_while_it_starts(start: Any) -> None:
    """As `timeout` does it: `make` gets the signal, and passes it on to those who got it too."""
    run = start()
    deadline = time.monotonic() + 60
    while Cluster(run.places).postmaster_pid() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    run.make.send_signal(signal.SIGTERM)
    os.killpg(run.make.pid, signal.SIGTERM)
    run.wait()
    assert run.left_behind() == []


def test_commands_work_on_the_same_data_while_the_site_runs(start: Any, var_dir: Path) -> None:
    run = start().until_up()
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--command"]
    counted = subprocess.run(
        [*command, "from experiments.models import Toggle; print(Toggle.objects.count())"],
        cwd=PROJECT,
        env={**os.environ, "EMBEDDED_PROFILE": "development"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert counted.stdout == "3\n"
    assert json.loads(run.get("/api/health")[1])["status"] == "healthy"
    run.make.send_signal(signal.SIGTERM)
    run.wait()
    assert run.left_behind() == []


def test_run_on_a_taken_port_says_so_before_anything_else(var_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(
            ["make", "--no-print-directory", "run"],
            cwd=PROJECT,
            env=clean_environment(var_dir, port),
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode != 0
    assert result.stdout == ""
    line, *rest = result.stderr.splitlines()
    assert line == f"Port {port} is taken. Choose another: make run PORT={port + 1}"
    assert all(each.startswith("make: ***") for each in rest)
    assert not var_dir.exists()
