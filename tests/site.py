"""The product as it is deployed, gunicorn and all, on the test's own database."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection

PROJECT = Path(__file__).resolve().parents[1]
# Nothing waits so long but on a machine that does much else.
START_SECONDS = 120
LOG_SECONDS = 30


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def database_url(application_name: str) -> str:
    """Return the address of the database that this test's own connection uses."""
    options = connection.settings_dict
    query = {"application_name": application_name}
    host = options["HOST"] or options["OPTIONS"].get("host", "")
    if host:
        query["host"] = host
    if options["PORT"]:
        query["port"] = str(options["PORT"])
    user = quote(options["USER"] or "")
    if options["PASSWORD"]:
        user += f":{quote(options['PASSWORD'])}"
    return f"postgres://{user}@/{options['NAME']}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(
    port: int,
    method: str,
    path: str,
    body: bytes | str | dict[str, Any] | None,
    headers: dict[str, str] | None,
    *,
    address: str = "",
) -> Reply:
    """Send one request on a connection of its own, from this address of the machine if given."""
    source = (address, 0) if address else None
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=source)
    try:
        content = json.dumps(body) if isinstance(body, dict) else body
        client.request(method, path, content, headers or {})
        response = client.getresponse()
        answered = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, answered, response.read())
    finally:
        client.close()


class Site:
    """gunicorn serving config.asgi; started at once, and once more after `start`."""

    def __init__(
        self, var_dir: Path, *, with_static_files: bool = False, **environment: str
    ) -> None:
        self.port = free_port()
        self.log = var_dir / f"site-{self.port}.log"
        self._environment = {
            **os.environ,
            "APP_ENV": "development",
            "DATABASE_URL": database_url(f"site-{self.port}"),
            "VAR_DIR": str(var_dir),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **{f"RATE_LIMIT_{name}": "0" for name in ("ASSIGNMENTS", "EVENTS", "BATCHES")},
            **environment,
        }
        self.process: subprocess.Popen[bytes]
        if with_static_files:
            self.manage("collectstatic", "--noinput", "--verbosity=0")
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *command: str, typed: str = "") -> str:
        """Run a management command in the site's environment and return what it printed."""
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env=self._environment,
            check=True,
            input=typed,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"],
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_alive():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop(signal.SIGKILL)
                raise RuntimeError(f"The site did not start: {self.log.read_text()[-5000:]}")
            time.sleep(0.05)

    def _is_alive(self) -> bool:
        try:
            return self.request("GET", "/livez").status == 200
        except OSError:
            return False

    def request(
        self,
        method: str,
        path: str,
        body: bytes | str | dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send one request on a connection of its own; a dict goes as JSON."""
        return send(self.port, method, path, body, headers)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def database_sessions(self) -> int:
        """Return how many connections the site has to the database."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s",
                [f"site-{self.port}"],
            )
            [sessions] = cursor.fetchone()
        return int(sessions)

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def log_lines_of(self, request_id: str) -> list[dict[str, Any]]:
        """Return the lines of one request, once there are any: they are written a little later."""
        deadline = time.monotonic() + LOG_SECONDS
        while time.monotonic() < deadline:
            lines = [line for line in self.log_lines() if line.get("request_id") == request_id]
            if lines:
                return lines
            time.sleep(0.01)
        return []

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the server and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=40)
