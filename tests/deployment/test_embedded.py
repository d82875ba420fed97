"""The embedded server: started once, shared, stopped by the last, started again after anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from config import embedded
from config.embedded import Cluster, EmbeddedError, Places

from .conftest import PROJECT, USER, ask

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


def test_data_of_another_major_version_is_refused_with_a_sentence(places: Places) -> None:
    with embedded.running():
        pass
    (places.data / "PG_VERSION").write_text("12\n")
    with (
        pytest.raises(EmbeddedError, match="was made by PostgreSQL 12, and this is 18"),
        embedded.running(),
    ):
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
