from __future__ import annotations

from typing import Any

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from config.checks import refuse_bad_deployment

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SHARED = {"default": {"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache"}}
SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3"}}

BAD: list[tuple[dict[str, Any], str]] = [
    ({"WEB_CONCURRENCY": 2, "CACHES": LOCAL}, "plainsplit.E001"),
    ({"DATABASES": SQLITE}, "plainsplit.E002"),
    ({"APP_ENV": "prod"}, "plainsplit.E003"),
    ({"CLIENT_ADDRESS_HEADER": "X-Real-IP", "TRUSTED_PROXY_COUNT": 0}, "plainsplit.E004"),
    ({"WEB_THREADS": 7, "DATABASE_POOL_SIZE": 10}, "plainsplit.E005"),
]
GOOD: list[dict[str, Any]] = [
    {"WEB_CONCURRENCY": 1, "CACHES": LOCAL},
    {"WEB_CONCURRENCY": 8, "CACHES": SHARED},
    {"WEB_THREADS": 16, "DATABASE_POOL_SIZE": 20},
    {"APP_ENV": "production"},
    {"APP_ENV": "development"},
    {"CLIENT_ADDRESS_HEADER": "X-Real-IP", "TRUSTED_PROXY_COUNT": 1},
    {"CLIENT_ADDRESS_HEADER": "", "TRUSTED_PROXY_COUNT": 0},
]


def ids_found(*, deploy: bool = False) -> set[str]:
    found = checks.run_checks(include_deployment_checks=deploy)
    return {str(one.id) for one in found if str(one.id).startswith("plainsplit.")}


# Read by no code between two requests, so that changing it for one check does no harm.
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(("change", "found"), BAD, ids=lambda value: str(value)[:40])
def test_bad_deployment_is_found_and_refused(
    settings: Settings, change: dict[str, Any], found: str
) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    assert ids_found() == {found}
    with pytest.raises(ImproperlyConfigured, match=r"\. Set |\. Use "):
        refuse_bad_deployment()


@pytest.mark.parametrize("change", GOOD, ids=lambda value: str(value)[:40])
def test_good_deployment_is_let_through(settings: Settings, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    assert ids_found() == set()
    refuse_bad_deployment()


def test_any_host_is_warned_of_before_a_deployment(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert ids_found() == set()
    assert ids_found(deploy=True) == {"plainsplit.W001"}
