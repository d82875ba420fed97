"""The embedded server after kills, reboots and signals: it starts again, or says why it can't."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from config import embedded
from config.embedded import Cluster, EmbeddedError, Places

from .conftest import PROJECT, ask

DISTURBED_USER = """
import os, signal
from config import embedded
from config.embedded import Cluster

stop = Cluster.stop

def stop_disturbed(self):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(os.getpid(), number)
    stop(self)

Cluster.stop = stop_disturbed
embedded.leave_on_signals()
with embedded.running():
    os.kill(os.getpid(), signal.SIGTERM)
"""


def test_a_killed_user_counts_as_gone(places: Places, user: subprocess.Popen[str]) -> None:
    user.kill()
    user.wait()
    assert Cluster(places).postmaster_pid() is not None
    with embedded.running():
        pass
    assert Cluster(places).postmaster_pid() is None


def test_a_killed_server_starts_again_with_what_was_committed(
    var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBEDDED_PROFILE", "development")
    with embedded.running() as url:
        with closing(psycopg.connect(url)) as busy:
            busy.execute("CREATE TABLE kept AS SELECT 7 AS number")
            busy.commit()
            busy.execute("SELECT 1")
            kill_server(Places(var_dir, "development"))
        with embedded.running():
            assert ask(url, "SELECT number FROM kept") == 7


def test_a_left_over_pid_that_is_another_process_now_is_no_server(places: Places) -> None:
    """As after a reboot: the process ids begin anew, and one is sure to be taken."""
    with embedded.running():
        kill_server(places)
        pid_file = places.data / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        stranger = subprocess.Popen(["sleep", "60"])
        try:
            pid_file.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
            lock = places.socket_dir / ".s.PGSQL.5432.lock"
            lock.write_text("\n".join([str(stranger.pid), *lock.read_text().splitlines()[1:], ""]))
            assert Cluster(places).postmaster_pid() is None
            with embedded.running() as url:
                assert ask(url, "SELECT 1") == 1
        finally:
            stranger.kill()
            stranger.wait()


def test_a_half_made_data_folder_is_made_anew(places: Places) -> None:
    places.home.mkdir(parents=True)
    (places.home / "data.draft").mkdir()
    (places.home / "data.draft" / "half").write_text("")
    with embedded.running() as url:
        assert ask(url, "SELECT 1") == 1


def test_a_server_that_cannot_start_shows_the_end_of_its_log(places: Places) -> None:
    with embedded.running():
        pass
    (places.data / "postgresql.auto.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match="no_such_setting"), embedded.running():
        pass


def test_signals_that_come_while_the_server_is_being_stopped_change_nothing(
    places: Places,
) -> None:
    disturbed = subprocess.run(
        [sys.executable, "-c", DISTURBED_USER],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (disturbed.returncode, disturbed.stderr) == (128 + signal.SIGTERM, "")
    assert Cluster(places).postmaster_pid() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_stops_the_server_it_started(
    places: Places, number: signal.Signals
) -> None:
    command = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert command.stdin is not None
    assert command.stdout is not None
    try:
        # Reads no end of file, so it is still there when the signal comes.
        deadline = time.monotonic() + 60
        while Cluster(places).postmaster_pid() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        command.send_signal(number)
        assert command.wait(timeout=60) == 128 + number
    finally:
        command.kill()
        command.communicate()
    assert Cluster(places).postmaster_pid() is None


def kill_server(places: Places) -> None:
    pid = Cluster(places).postmaster_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while Cluster(places).postmaster_pid() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
