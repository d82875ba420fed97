"""What the image's entry point and health check do, by hand: there is no Docker engine in tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from config import embedded

from .conftest import PROJECT, free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("memcached"), reason="no memcached on this machine"),
]


@pytest.fixture
def cache() -> Iterator[str]:
    """A memcached of this test's own."""
    port = free_port()
    command = ["memcached", "--listen=127.0.0.1", f"--port={port}", "--memory-limit=16"]
    command += ["--user=nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    yield f"pymemcache://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture
def environment(
    var_dir: Path, cache: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """What docker-compose.yml gives the site, with addresses of this machine."""
    monkeypatch.setenv("EMBEDDED_PROFILE", "development")
    with embedded.running() as database_url:
        yield {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "APP_ENV": "production",
            "HOST": "127.0.0.1",
            "PORT": str(free_port()),
            "SECRET_KEY": "tried-in-tests-only-4vNq8Zx2Lk7Wm3Rt9Yp5Hs1Jd6Fg0Bc",
            "DATABASE_URL": database_url,
            "CACHE_URL": cache,
            "ALLOWED_HOSTS": "shop.example.org,www.example.org",
            "HTTPS": "false",
            "VAR_DIR": str(var_dir),
        }


def enter(environment: dict[str, str], *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["docker/entrypoint.sh", *command],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(environment: dict[str, str], *command: str) -> str:
    process = enter(environment, *command)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 0, printed
    return printed


def is_healthy(environment: dict[str, str]) -> bool:
    checked = subprocess.run(
        [sys.executable, "docker/healthcheck.py"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        check=False,
    )
    return checked.returncode == 0


def test_container_migrates_serves_healthily_and_stops_on_sigterm(
    environment: dict[str, str],
) -> None:
    assert not is_healthy(environment)
    run(environment, "python", "manage.py", "collectstatic", "--noinput", "--verbosity=0")
    run(environment, "migrate")
    assert "Applying" not in run(environment, "migrate")
    count = "from django.contrib.auth.models import User; print(User.objects.count())"
    # No account whose password is known: that one is for development.
    shell = ("python", "manage.py", "shell", "--no-imports", "--command", count)
    assert run(environment, *shell) == "0\n"

    web = enter(environment)
    try:
        deadline = time.monotonic() + 90
        while not is_healthy(environment):
            assert web.poll() is None, web.communicate()[0]
            assert time.monotonic() < deadline
        site = f"http://127.0.0.1:{environment['PORT']}/"
        page = Request(site, headers={"Host": "www.example.org"})
        with urlopen(page, timeout=30) as answer:
            assert answer.status == 200
        with pytest.raises(HTTPError) as refused:
            urlopen(site, timeout=30)
        assert refused.value.code == 400
        refused.value.close()
        web.send_signal(signal.SIGTERM)
        printed, _ = web.communicate(timeout=60)
    finally:
        web.kill()
        web.communicate()
    assert web.returncode == 0
    lines = [json.loads(line) for line in printed.splitlines()]
    assert sum("Booting worker" in line["message"] for line in lines) == 2
    assert [line for line in lines if line["level"] in ("ERROR", "CRITICAL")] == []


def test_container_without_a_secret_key_refuses_with_a_sentence(
    environment: dict[str, str],
) -> None:
    del environment["SECRET_KEY"]
    process = enter(environment)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "SECRET_KEY is not set" in printed
