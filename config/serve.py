"""What `make run` runs: the database brought up and to date, then the site, until a signal.

    python -m config.serve

This process becomes gunicorn's master. It ends on SIGINT (Ctrl-C), SIGTERM and SIGHUP (the closed
terminal); the embedded server, which lives in a session of its own, is stopped after the workers.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

from gunicorn.app.wsgiapp import WSGIApplication

from config import embedded, ports


class _Site(WSGIApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with the project's configuration, on our address."""

    def __init__(self, host: str, port: int) -> None:
        self._address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._port = port
        super().__init__("%(prog)s", prog="gunicorn")

    def load_config(self) -> None:
        self.load_config_from_module_name_or_filename("python:config.gunicorn")
        self.cfg.set("bind", self._address)
        # Before gunicorn takes the signals over, SIGHUP is ignored only if nohup asked for that.
        nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        self.cfg.set("when_ready", _ignore_hangup if nohup else _stop_on_hangup)
        self.cfg.set("post_worker_init", self._announce)
        if "LOG_LEVEL" not in os.environ:
            self.cfg.set("loglevel", "warning")
        self.app_uri = self.cfg.wsgi_app

    def _announce(self, worker: Any) -> None:
        """Print the addresses once the first worker has loaded the site."""
        if worker.age == 1:
            print(_welcome(self._port), flush=True)  # noqa: T201  (for the person who ran it)


def main() -> None:
    """Serve until told to stop; exit with a sentence where that can't be."""
    # Others' bits are the user's choice; without our own nothing that we make could be used.
    os.umask(os.umask(0) & 0o077)
    embedded.leave_on_signals()
    host, port = ports.address()
    ports.require_free(host, port)
    with ExitStack() as stack:
        try:
            if not os.environ.get("DATABASE_URL"):
                stack.enter_context(embedded.running())
            # In another process, so that this one forks its workers with nothing of Django's open.
            prepared = subprocess.run([sys.executable, "-m", "config.prepare"], check=False)
            if prepared.returncode != 0:
                sys.exit(prepared.returncode)
            _Site(host, port).run()
        except embedded.EmbeddedError as error:
            sys.exit(str(error))
        except KeyboardInterrupt:
            sys.exit(130)


def _welcome(port: int) -> str:
    site = f"http://localhost:{port}"
    lines = [
        "",
        f"  Landing page      {site}/",
        f"  Dashboard         {site}/dashboard/",
        f"  API health        {site}/api/health",
        f"  API description   {site}/api/openapi.json",
    ]
    if os.environ.get("APP_ENV", "development") == "development":
        lines.append("  Sign in with      username staff, password staff")
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])


def _stop_on_hangup(server: Any) -> None:
    # gunicorn would reload instead, and outlive the terminal.
    signal.signal(signal.SIGHUP, lambda _number, frame: server.signal(signal.SIGTERM, frame))


def _ignore_hangup(_server: Any) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    main()
