"""Servers of the tests' own, in folders of their own, that leave nothing behind."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded import Cluster, Places, Profile

PROJECT = Path(__file__).resolve().parents[2]


USER = """
import sys
from config import embedded
with embedded.running():
    print("running", flush=True)
    sys.stdin.read()
"""


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


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


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def remove(var_dir: Path) -> None:
    """Stop the servers of a folder, and remove whatever they kept outside of it."""
    profiles: tuple[Profile, ...] = ("development", "test")
    for profile in profiles:
        places = Places(var_dir.resolve(), profile)
        if places.home.exists():
            Cluster(places).stop()
        shutil.rmtree(places.outside, ignore_errors=True)
    shutil.rmtree(var_dir, ignore_errors=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="plainsplit-tests-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    remove(folder / "var")
    shutil.rmtree(folder)


@pytest.fixture
def var_dir(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """VAR_DIR for this test and the processes that it starts, with no server and no data yet."""
    folder = open_folder / "var"
    monkeypatch.setenv("VAR_DIR", str(folder))
    monkeypatch.setenv("EMBEDDED_PROFILE", "test")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return folder


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
