from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError
from django.test import Client

from config.health import ANSWER_SECONDS, DatabaseProbe
from experiments import store

SHAPE = {"status", "service", "version", "uptime", "timestamp", "database"}

# A process of its own, whose database is where the environment says.
PROCESS = """
import json, time
import django
django.setup()
from django.test import Client
client = Client()
answers = []
for path in ("/livez", "/api/health", "/api/health"):
    began = time.perf_counter()
    response = client.get(path, headers={"Host": "localhost"})
    seconds = time.perf_counter() - began
    answers.append((response.status_code, seconds, response.content.decode()))
print(json.dumps(answers))
"""


@pytest.mark.django_db(transaction=True)
def test_health_of_a_well_service_is_200_and_its_uptime_grows() -> None:
    first, second = (Client().get("/api/health") for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json().keys() == SHAPE
    assert 0 < first.json()["uptime"] <= second.json()["uptime"]


def test_liveness_asks_nothing_of_the_database() -> None:
    response = Client().get("/livez")
    assert (response.status_code, response.content) == (200, b"ok")
    assert response.headers["Cache-Control"] == "no-store"


def answers_of_a_process(port: int) -> list[tuple[int, float, str]]:
    run = subprocess.run(
        [sys.executable, "-c", PROCESS],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "APP_ENV": "development",
            "SECRET_KEY": "s" * 50,
            "DATABASE_URL": f"postgres://nobody@127.0.0.1:{port}/nothing",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answers: list[tuple[int, float, str]] = json.loads(run.stdout)
    return answers


@pytest.mark.parametrize("is_silent", [False, True], ids=["refuses", "is silent"])
def test_health_without_a_database_is_a_quick_503(is_silent: bool) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=50)
    with listener:
        if not is_silent:
            listener.close()
        port = listener.getsockname()[1] if is_silent else 1
        live, *health = answers_of_a_process(port)
    assert (live[0], live[2]) == (200, "ok")
    for status, seconds, content in health:
        body = json.loads(content)
        assert status == 503
        assert body.keys() == SHAPE
        assert (body["status"], body["database"]) == ("degraded", "unavailable")
        assert seconds < ANSWER_SECONDS + 1


def test_database_that_never_answers_is_asked_by_one_thread_however_many_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release, asked = threading.Event(), []

    def hang() -> int:
        asked.append(threading.current_thread())
        release.wait(timeout=30)
        return 1

    monkeypatch.setattr(store, "config_version", hang)
    monkeypatch.setattr("config.health.connection", _NoConnection())
    probe = DatabaseProbe()
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: probe.is_well(0.2), range(8)))
    assert time.monotonic() - began < 5
    assert len(asked) == 1
    release.set()
    asked[0].join(timeout=10)
    assert probe.is_well(10)
    assert len(asked) == 2


def test_probe_says_no_at_once_where_the_database_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> int:
        raise OperationalError("refused")

    monkeypatch.setattr(store, "config_version", refuse)
    monkeypatch.setattr("config.health.connection", _NoConnection())
    assert not DatabaseProbe().is_well(30)


class _NoConnection:
    def close(self) -> None:
        """Nothing was opened."""
