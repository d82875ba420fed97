"""Health, liveness, and the API's own description."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse

from experiments import answers, store
from experiments.answers import Answer
from experiments.http import Access, api_view

_STARTED = time.monotonic()


@api_view(limits={"GET": "health"}, access={"GET": Access.ANYONE})
def health(request: HttpRequest) -> Answer:
    """Ask the database, and say how the service is: 200 healthy, 503 degraded."""
    try:
        store.config_version()
        is_well = True
    except Error:
        is_well = False
    return Answer(
        200 if is_well else 503,
        {
            "status": "healthy" if is_well else "degraded",
            "service": "plainsplit",
            "version": settings.VERSION,
            "uptime": round(time.monotonic() - _STARTED, 3),
            "timestamp": answers.timestamp(datetime.now(UTC)),
            "database": "connected" if is_well else "unavailable",
        },
    )


def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing is asked of the database."""
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})


@api_view(limits={"GET": "health"}, access={"GET": Access.ANYONE})
def openapi(request: HttpRequest) -> Answer:
    return Answer(200, {})
