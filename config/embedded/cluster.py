"""One PostgreSQL server: its data made, itself started, found running, and stopped.

Nothing here is safe against a second process doing the same; `lease` sees to that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from config.embedded import folders
from config.embedded.account import Account
from config.embedded.binaries import MAJOR_VERSION, bin_dir
from config.embedded.errors import EmbeddedError
from config.embedded.places import DATABASE, ROLE, Places

# Seconds. Starting takes well under one; recovery after a crash may take many.
PATIENCE = 60
_LOG_LIMIT_BYTES = 10_000_000

_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Test data may be lost with the machine's power, so nothing waits for the disk.
_TEST_OPTIONS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
# Bytes decide the order and Unicode the case, whatever the machine's locale.
_INITDB_OPTIONS = (
    *("--username", ROLE, "--auth=trust", "--encoding=UTF8", "--no-instructions"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)


class Cluster:
    """The server of one folder and profile."""

    def __init__(self, places: Places) -> None:
        self.places = places

    @property
    def data(self) -> Path:
        """The data folder, by a path that the server's account can follow."""
        return self.places.data.resolve()

    def start(self) -> None:
        """Make the data folder if there is none, and the server run if it doesn't.

        Raises EmbeddedError, with the end of the server's log where that explains it.
        """
        account = Account.for_server(self.places.home)
        home = folders.make_home(self.places, account)
        folders.make_socket_dir(self.places, account)
        if not self._is_found_running():
            folders.say_where(self.places, account)
            programs = bin_dir(account, home)
            self._make_data(account, programs)
            self._launch(account, programs)
        self._make_database()

    def stop(self) -> None:
        """Stop the server, breaking off what its clients still do, and wait for its end."""
        if self.postmaster_pid() is not None:
            account = Account.for_server(self.places.home)
            pg_ctl = bin_dir(account, self.places.home.resolve()) / "pg_ctl"
            for mode in ("fast", "immediate"):
                account.run([pg_ctl, "stop", "-D", self.data, "-m", mode, "-t", str(PATIENCE)])
                if self.postmaster_pid() is None:
                    break
        # So that another user of this machine, in the same tree, isn't kept out by it.
        with suppress(OSError):
            self.places.socket_dir.rmdir()

    def postmaster_pid(self) -> int | None:
        """Return the process id of the server that runs on this data folder, None if none does.

        The file that PostgreSQL leaves behind when it is killed names a process that may be
        anybody's by now, so what counts is that the process works in this very folder.
        """
        pid = self._recorded_pid()
        return pid if pid is not None and self._works_here(pid) else None

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().partition("\n")[0])
        except (OSError, ValueError):
            return None

    def _works_here(self, pid: int) -> bool:
        if Path("/proc/self").exists():
            try:
                return Path(f"/proc/{pid}/cwd").readlink() == self.data
            except OSError:
                return False
        ps = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        found = subprocess.run(ps, capture_output=True, text=True, check=False)
        return str(self.data) in found.stdout

    def _make_data(self, account: Account, programs: Path) -> None:
        if self.data.exists():
            version = (self.data / "PG_VERSION").read_text().strip()
            if version != str(MAJOR_VERSION):
                raise EmbeddedError(
                    f"{self.data} was made by PostgreSQL {version}, and this is {MAJOR_VERSION}. "
                    "Move it away to begin afresh."
                )
            return
        # Made aside and renamed, so that a kill half-way leaves nothing that looks like data.
        draft = self.data.with_name("data.draft")
        shutil.rmtree(draft, ignore_errors=True)
        account.give(draft)
        hasty = ["--no-sync"] if self.places.profile == "test" else []
        made = account.run([programs / "initdb", "-D", draft, *_INITDB_OPTIONS, *hasty])
        if made.returncode != 0:
            raise EmbeddedError(f"PostgreSQL's initdb failed: {made.stderr.strip()}")
        draft.rename(self.data)

    def _is_found_running(self) -> bool:
        """Wait for the server that has the data folder, if one has; say whether it serves now."""
        deadline = time.monotonic() + PATIENCE
        while self.postmaster_pid() is not None:
            if self._answers():
                return True
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL doesn't answer. Its log ends: {self._log_end()}")
            time.sleep(0.02)
        return False

    def _launch(self, account: Account, programs: Path) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            self._remove_leftovers()
            pid = self._spawn(account, programs)
            while _is_alive(pid) and time.monotonic() < deadline:
                if self._answers():
                    return
                time.sleep(0.01)
            log_end = self._log_end()
            # Children of a server that was killed a moment ago are about to notice, and to go.
            if "shared memory block" not in log_end or time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL didn't start. Its log ends: {log_end}")
            time.sleep(0.1)

    def _spawn(self, account: Account, programs: Path) -> int:
        options = {**_OPTIONS, "unix_socket_directories": str(self.places.socket_dir)}
        if self.places.profile == "test":
            options |= _TEST_OPTIONS
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        log = self.data / "server.log"
        with suppress(OSError):
            if log.stat().st_size > _LOG_LIMIT_BYTES:
                log.unlink()
        # The shell ends at once, and so leaves the server without a parent among our processes:
        # whoever stops it, nobody of ours has to reap it.
        script = '"$@" </dev/null >>"$0" 2>&1 & echo $!'
        postgres = [str(programs / "postgres"), "-D", str(self.data), *arguments]
        started = account.run(["/bin/sh", "-c", script, str(log), *postgres])
        return int(started.stdout)

    def _remove_leftovers(self) -> None:
        """Remove what a killed server left and what would keep the next one from starting.

        PostgreSQL does so by itself, unless another process has the dead one's id by now.
        """
        pid = self._recorded_pid()
        if pid is not None and _is_alive(pid):
            (self.data / "postmaster.pid").unlink()
        for leftover in self.places.socket_dir.iterdir():
            leftover.unlink()

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.places.url("postgres"), connect_timeout=2) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]) == self.data

    def _make_database(self) -> None:
        with psycopg.connect(self.places.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if found.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _log_end(self) -> str:
        try:
            lines = (self.data / "server.log").read_text(errors="replace").splitlines()
        except OSError:
            return "(there is none)"
        return "\n".join(["", *lines[-8:]])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
