"""What EMAIL_URL makes of the settings, each time in a process of its own."""

from __future__ import annotations

import json

import pytest

from config.tests.test_production import PRODUCTION, run

SETTINGS = [
    "EMAIL_BACKEND",
    "EMAIL_HOST",
    "EMAIL_PORT",
    "EMAIL_HOST_USER",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_USE_TLS",
    "EMAIL_USE_SSL",
    "SENDS_EMAIL",
    "DEFAULT_FROM_EMAIL",
]
PRINT = (
    "import json; from django.conf import settings; "
    f"print(json.dumps([getattr(settings, name) for name in {SETTINGS}]))"
)
SMTP = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE = "django.core.mail.backends.console.EmailBackend"


def settings_with(**environment: str) -> list[object]:
    ran = run("-c", PRINT, **PRODUCTION, **environment)
    assert ran.returncode == 0, ran.stderr
    read: list[object] = json.loads(ran.stdout)
    return read


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "smtp+tls://us%40er:pass%2Fword@mail.example.org",
            [SMTP, "mail.example.org", 587, "us@er", "pass/word", True, False],
        ),
        (
            "smtp+ssl://user:password@mail.example.org",
            [SMTP, "mail.example.org", 465, "user", "password", False, True],
        ),
        ("smtp://mail.example.org", [SMTP, "mail.example.org", 25, "", "", False, False]),
        ("smtp://mail.example.org:2525", [SMTP, "mail.example.org", 2525, "", "", False, False]),
    ],
)
def test_email_url_names_server_port_and_encryption(url: str, expected: list[object]) -> None:
    read = settings_with(EMAIL_URL=url, EMAIL_FROM="ab@example.org")
    assert read == [*expected, True, "ab@example.org"]


def test_production_without_a_server_sends_nothing() -> None:
    assert settings_with()[7] is False


def test_development_without_a_server_prints() -> None:
    read = settings_with(APP_ENV="development")
    assert (read[0], read[7]) == (CONSOLE, True)


def test_email_url_that_is_none_refuses_to_start() -> None:
    refused = run("-c", PRINT, **PRODUCTION, EMAIL_URL="https://mail.example.org")
    assert refused.returncode != 0
    assert "Invalid email schema https" in refused.stderr
