"""The embedded server: started once, shared, stopped by the last, started again after anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from config import embedded
from config.embedded import Cluster, EmbeddedError, Places

from .conftest import PROJECT

USER = """
import sys
from config import embedded
with embedded.running():
    print("running", flush=True)
    sys.stdin.read()
"""


FORKING_USER = """
import os
import psycopg
from config import embedded
with embedded.running() as url:
    if os.fork() == 0:
        raise SystemExit(0)
    os.wait()
    psycopg.connect(url).close()
"""


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


@pytest.fixture
def places(var_dir: Path) -> Places:
    return Places(var_dir, "test")


@pytest.fixture
def user(var_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the server until its standard input is closed."""
    process = start_user()
    yield process
    process.kill()
    process.communicate()


def start_user() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", USER],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    return process


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def test_running_on_an_empty_folder_makes_the_database_and_stops_it_at_the_end(
    places: Places,
) -> None:
    with embedded.running() as url:
        assert url == embedded.database_url()
        assert ask(url, "SELECT current_database()") == "plainsplit"
        assert ask(url, "SHOW listen_addresses") == ""
        assert ask(url, "SHOW max_connections") == "200"
        assert Cluster(places).postmaster_pid() is not None
    assert Cluster(places).postmaster_pid() is None
    assert not places.socket_dir.exists()


def test_running_a_second_time_keeps_the_data(places: Places) -> None:
    with embedded.running() as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with embedded.running() as url:
        assert ask(url, "SELECT number FROM kept") == 7


def test_profiles_differ_in_durability_and_share_nothing(
    var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded.running() as test_url:
        assert ask(test_url, "SHOW fsync") == "off"
    monkeypatch.setenv("EMBEDDED_PROFILE", "development")
    assert embedded.database_url() != test_url
    with embedded.running() as url:
        assert ask(url, "SHOW fsync") == "on"
        assert ask(url, "SHOW synchronous_commit") == "on"
        assert ask(url, "SHOW full_page_writes") == "on"


def test_database_url_touches_nothing(var_dir: Path) -> None:
    assert embedded.database_url().startswith("postgresql://")
    assert not var_dir.exists()


def test_current_profile_of_an_unknown_name_says_which_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EMBEDDED_PROFILE", "staging")
    with pytest.raises(EmbeddedError, match="must be development or test, not 'staging'"):
        embedded.database_url()


def test_two_users_share_one_server_and_the_last_stops_it(
    places: Places, user: subprocess.Popen[str]
) -> None:
    first = Cluster(places).postmaster_pid()
    with embedded.running() as url:
        assert Cluster(places).postmaster_pid() == first
        user.communicate("")
        assert ask(url, "SELECT 1") == 1
    assert Cluster(places).postmaster_pid() is None


def test_a_killed_user_counts_as_gone(places: Places, user: subprocess.Popen[str]) -> None:
    user.kill()
    user.wait()
    assert Cluster(places).postmaster_pid() is not None
    with embedded.running():
        pass
    assert Cluster(places).postmaster_pid() is None


def test_many_users_at_once_start_one_server(places: Places) -> None:
    users = [
        subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(5)
    ]
    outcomes = [process.communicate("") for process in users]
    assert outcomes == [("running\n", "")] * 5
    assert Cluster(places).postmaster_pid() is None


def test_a_forked_child_that_ends_leaves_the_server_running(places: Places) -> None:
    parent = subprocess.run([sys.executable, "-c", FORKING_USER], cwd=PROJECT, check=False)
    assert parent.returncode == 0
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


def test_data_of_another_major_version_is_refused_with_a_sentence(places: Places) -> None:
    with embedded.running():
        pass
    (places.data / "PG_VERSION").write_text("12\n")
    with (
        pytest.raises(EmbeddedError, match="was made by PostgreSQL 12, and this is 18"),
        embedded.running(),
    ):
        pass


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


def test_a_missing_wheel_is_said_in_a_sentence(
    var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with (
        pytest.raises(EmbeddedError, match=r"Set DATABASE_URL, or install requirements-dev\.txt"),
        embedded.running(),
    ):
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
