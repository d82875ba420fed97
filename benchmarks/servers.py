"""What is measured: the product as it is deployed, and a bare Django beside it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
WORKERS, THREADS = 2, 8
START_SECONDS = 60
GROUPS = (
    "ASSIGNMENTS", "TOGGLES", "EXPERIMENTS", "EVENTS", "BATCHES", "STATS", "HEALTH", "SIGNUPS",
    "SIGN_INS",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    """A gunicorn that runs: its port, and the process to ask for its memory."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> int:
        """Return the proportional set size of the whole server in bytes: no page counts twice."""
        return sum(_proportional_size(pid) for pid in [self.process.pid, *self._workers()])

    def _workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


def _proportional_size(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"No memory figure for process {pid}.")


def deployed_environment(var_dir: Path, database_url: str, cache_port: int | None) -> None:
    """Give this process and its children the settings of a deployment, limits out of the way.

    The limits still count every call; they only never refuse one.
    """
    os.environ.update(
        APP_ENV="production",
        SECRET_KEY="benchmark-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",  # noqa: S106
        HTTPS="false",
        ALLOWED_HOSTS="127.0.0.1,localhost",
        DATABASE_URL=database_url,
        VAR_DIR=str(var_dir),
        WEB_CONCURRENCY=str(WORKERS if cache_port else 1),
        WEB_THREADS=str(THREADS),
        DATABASE_POOL_SIZE=str(THREADS + 4),
        **{f"RATE_LIMIT_{group}": str(10**9) for group in GROUPS},
    )
    if cache_port:
        os.environ["CACHE_URL"] = f"pymemcache://127.0.0.1:{cache_port}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def memcached() -> Iterator[int | None]:
    """Run a memcached for the rate limits and yield its port; None where there is none."""
    program = shutil.which("memcached")
    if program is None:
        yield None
        return
    port = free_port()
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, "-l", "127.0.0.1", "-p", str(port), *as_user])
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def product(log: Path) -> Iterator[Server]:
    command = ["-c", "python:config.gunicorn"]
    with _gunicorn("product", command, log, "/livez") as server:
        yield server


@contextlib.contextmanager
def bare_django(log: Path) -> Iterator[Server]:
    """Run Django without middleware under gunicorn's threaded worker: the usual deployment."""
    command = ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)]
    command += ["--keep-alive", "65", "--no-control-socket", "config.wsgi:application"]
    environment = {"DJANGO_SETTINGS_MODULE": "benchmarks.limits_settings"}
    with _gunicorn("bare Django", command, log, "/two-bytes", environment) as server:
        yield server


@contextlib.contextmanager
def _gunicorn(
    name: str, options: list[str], log: Path, alive: str, extra: dict[str, str] | None = None
) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *options]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=PROJECT, env={**os.environ, **(extra or {})}, stdout=file, stderr=file
        )
    server = Server(name, port, process)
    try:
        _wait_until_alive(server, alive, log)
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait_until_alive(server: Server, path: str, log: Path) -> None:
    from urllib.request import urlopen

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(server.url + path, timeout=5).close()  # noqa: S310  (loopback only)
        except OSError:  # refused, reset or too slow: it is still coming up
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{server.name} did not start: {log.read_text()}") from None
            time.sleep(0.1)
        else:
            return
