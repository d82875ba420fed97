"""The project with production's settings, each time in a process of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DATABASE_URL": "postgres://plainsplit@db.invalid/plainsplit",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "www.example.org",
    "CACHE_URL": "pymemcache://cache.invalid:11211",
}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these variables and no others of ours."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_deployment_check_finds_nothing() -> None:
    checked = run("manage.py", "check", "--deploy", "--fail-level", "INFO", **PRODUCTION)
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


@pytest.mark.parametrize("arguments", [["manage.py", "check"], ["-c", "import config.asgi"]])
def test_production_without_a_secret_key_refuses_to_start(
    tmp_path: Path, arguments: list[str]
) -> None:
    kept = tmp_path / "secret_key"
    kept.write_text("the development key is no way out")
    refused = run(*arguments, **{**PRODUCTION, "SECRET_KEY": "", "VAR_DIR": str(tmp_path)})
    assert refused.returncode != 0
    last = refused.stderr.strip().splitlines()[-1]
    assert "SECRET_KEY is not set. Production needs one" in last


@pytest.mark.parametrize("command", ["migrate", "seed", "check", "create_user"])
def test_command_without_a_secret_key_says_so_in_one_line(command: str) -> None:
    refused = run("manage.py", command, **{**PRODUCTION, "SECRET_KEY": ""})
    assert (refused.returncode, refused.stdout) == (1, "")
    [line] = refused.stderr.splitlines()
    assert line.startswith("SECRET_KEY is not set. Production needs one")


@pytest.mark.parametrize("arguments", [[], ["help"], ["version"]])
def test_help_needs_no_settings(arguments: list[str]) -> None:
    helped = run("manage.py", *arguments, **{**PRODUCTION, "SECRET_KEY": ""})
    assert helped.returncode == 0, helped.stderr
    assert helped.stdout


def test_server_refuses_to_start_on_a_bad_deployment() -> None:
    change = {"WEB_CONCURRENCY": "4", "CACHE_URL": "locmemcache://"}
    refused = run("-c", "import config.asgi", **{**PRODUCTION, **change})
    assert refused.returncode != 0
    last = refused.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: 4 web processes")
    assert "Set CACHE_URL" in last


SETTINGS = """
import django
django.setup()
from django.conf import settings as s
print(s.APP_ENV, s.HTTPS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT,
    s.SECURE_HSTS_SECONDS > 0, s.DEBUG, s.WEB_CONCURRENCY, s.ALLOWED_HOSTS)
"""


@pytest.mark.parametrize(
    ("environment", "printed"),
    [
        (PRODUCTION, "production True True True True True False 2 ['www.example.org']"),
        (
            {**PRODUCTION, "HTTPS": "false", "CACHE_URL": "locmemcache://"},
            "production False False False False False False 2 ['www.example.org']",
        ),
    ],
    ids=["production", "plain HTTP"],
)
def test_settings_follow_the_environment(environment: dict[str, str], printed: str) -> None:
    shown = run("-c", SETTINGS, **environment)
    assert shown.stdout.strip() == printed, shown.stderr
