"""System checks that refuse a deployment in which a promise would silently fail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, Warning, register


@register()
def several_processes_share_a_cache(**_kwargs: Any) -> list[Error]:
    """Each process would count rate limits for itself, and let that many times more through."""
    backend = settings.CACHES["default"]["BACKEND"]
    if settings.WEB_CONCURRENCY > 1 and "locmem" in backend:
        return [
            Error(
                f"{settings.WEB_CONCURRENCY} web processes can't share rate limits in local memory.",
                hint="Set CACHE_URL to a memcached server, or WEB_CONCURRENCY=1.",
                id="plainsplit.E001",
            )
        ]
    return []


@register()
def database_is_postgresql(**_kwargs: Any) -> list[Error]:
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine != "django.db.backends.postgresql":
        return [
            Error(
                f"DATABASE_URL names {engine}; only PostgreSQL 15 or later is supported.",
                hint="Use postgres://user:password@host:5432/name.",
                id="plainsplit.E002",
            )
        ]
    return []


@register(deploy=True)
def hosts_are_named(**_kwargs: Any) -> list[Warning]:
    if "*" in settings.ALLOWED_HOSTS:
        return [
            Warning(
                "ALLOWED_HOSTS accepts any host.",
                hint="Name the hosts that visitors and staff use.",
                id="plainsplit.W001",
            )
        ]
    return []
