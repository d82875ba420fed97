"""System checks that refuse a deployment in which a promise would silently fail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured


@register()
def several_processes_share_a_cache(**_kwargs: Any) -> list[Error]:
    """Each process would count rate limits for itself, and let that many times more through."""
    backend = settings.CACHES["default"]["BACKEND"]
    if settings.WEB_CONCURRENCY > 1 and "locmem" in backend:
        return [
            Error(
                f"{settings.WEB_CONCURRENCY} web processes would each count rate limits alone.",
                hint="Set CACHE_URL to a memcached server, or WEB_CONCURRENCY=1.",
                id="plainsplit.E001",
            )
        ]
    return []


@register()
def database_is_postgresql(**_kwargs: Any) -> list[Error]:
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine != "experiments.database":
        return [
            Error(
                f"DATABASE_URL names {engine}; only PostgreSQL 15 or later is supported.",
                hint="Use postgres://user:password@host:5432/name.",
                id="plainsplit.E002",
            )
        ]
    return []


# Beside the threads that render pages: two writers, the snapshot's keeper and the health check.
OWN_CONNECTIONS = 4


@register()
def threads_fit_the_pool(**_kwargs: Any) -> list[Error]:
    """Each thread keeps a connection; PostgreSQL's room for them was planned by the pool's size."""
    room = settings.DATABASE_POOL_SIZE - OWN_CONNECTIONS
    threads = settings.WEB_THREADS
    if threads > room:
        return [
            Error(
                f"WEB_THREADS is {threads}, and DATABASE_POOL_SIZE has room for {room}.",
                hint=f"Set DATABASE_POOL_SIZE to {threads + OWN_CONNECTIONS} or more.",
                id="plainsplit.E005",
            )
        ]
    return []


@register()
def environment_is_known(**_kwargs: Any) -> list[Error]:
    """A misspelt "production" would quietly be development."""
    if settings.APP_ENV not in ("development", "production"):
        return [
            Error(
                f"APP_ENV is “{settings.APP_ENV}”.",
                hint="Set it to development or production.",
                id="plainsplit.E003",
            )
        ]
    return []


@register()
def some_proxy_is_trusted(**_kwargs: Any) -> list[Error]:
    """With nobody trusted to name the client's address, all clients share the proxy's limit."""
    if settings.CLIENT_ADDRESS_HEADER and settings.TRUSTED_PROXY_COUNT < 1:
        return [
            Error(
                f"CLIENT_ADDRESS_HEADER is {settings.CLIENT_ADDRESS_HEADER}, but no proxy is "
                "trusted to set it.",
                hint="Set TRUSTED_PROXY_COUNT to how many proxies of yours append to it.",
                id="plainsplit.E004",
            )
        ]
    return []


def refuse_bad_deployment() -> None:
    """Raise ImproperlyConfigured where a check finds an error; a web process calls this at start.

    Servers don't run Django's checks, and nobody reads them who only starts containers.
    """
    found = [
        error
        for check in (
            several_processes_share_a_cache,
            database_is_postgresql,
            environment_is_known,
            some_proxy_is_trusted,
            threads_fit_the_pool,
        )
        for error in check()
    ]
    if found:
        raise ImproperlyConfigured(" ".join(f"{error.msg} {error.hint}" for error in found))


@register(deploy=True)
def hosts_are_named(**_kwargs: Any) -> list[checks.Warning]:
    if "*" in settings.ALLOWED_HOSTS:
        return [
            checks.Warning(
                "ALLOWED_HOSTS accepts any host.",
                hint="Name the hosts that visitors and staff use.",
                id="plainsplit.W001",
            )
        ]
    return []
