"""Health, which asks the database, and liveness, which asks nobody."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

from config.apps import STARTED
from experiments import answers, store
from experiments.answers import Answer
from experiments.http import Access, api_view

# Well within the time that load balancers give a health check.
ANSWER_SECONDS = 2.0


class DatabaseProbe:
    """Asks the database in a thread of its own.

    A database that never answers costs a caller seconds, and the process one thread, however many
    callers ask meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: Future[None] | None = None

    def is_well(self, seconds: float = ANSWER_SECONDS) -> bool:
        """Return whether the database answers a query within so many seconds."""
        with self._lock:
            pending = self._pending
            if pending is None or pending.done():
                pending = self._pending = Future()
                threading.Thread(target=_ask, args=(pending,), name="health", daemon=True).start()
        try:
            pending.result(timeout=seconds)
        except (Error, TimeoutError):
            return False
        return True


def _ask(answered: Future[None]) -> None:
    try:
        store.config_version()
    except Exception as error:
        answered.set_exception(error)
    else:
        answered.set_result(None)
    finally:
        connection.close()


probe = DatabaseProbe()


@api_view(limits={"GET": "health"}, access={"GET": Access.ANYONE})
def health(_request: HttpRequest) -> Answer:
    """Say how the service is: 200 healthy, 503 degraded."""
    is_well = probe.is_well()
    return Answer(
        200 if is_well else 503,
        {
            "status": "healthy" if is_well else "degraded",
            "service": "plainsplit",
            "version": settings.VERSION,
            "uptime": round(time.monotonic() - STARTED, 3),
            "timestamp": answers.timestamp(datetime.now(UTC)),
            "database": "connected" if is_well else "unavailable",
        },
    )


def livez(_request: HttpRequest) -> HttpResponse:
    """The process answers; nothing is asked of the database."""
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})
