"""One application, two roads: hot JSON paths on a bare ASGI handler, all else through Django.

Django answers in worker threads of the same process, as WSGI, which is its fastest road.
"""

from __future__ import annotations

import asyncio
import os
from urllib.parse import quote

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
wsgi_application = get_wsgi_application()

from django.conf import settings  # noqa: E402  (Django has to be set up first)
from django.db import connection  # noqa: E402

from config.hot_road import HotRoad, Receive, Scope, Send  # noqa: E402
from experiments.assignment_path import ASSIGNMENTS  # noqa: E402
from experiments.keeper import keeper  # noqa: E402
from metrics.ingest.paths import EVENT_BATCHES, EVENTS  # noqa: E402

HOT_PATHS = {
    "/api/assignments": ASSIGNMENTS,
    "/api/assign": ASSIGNMENTS,
    "/api/events": EVENTS,
    "/api/track": EVENTS,
    "/api/events/batch": EVENT_BATCHES,
}

hot_road = HotRoad(HOT_PATHS)
django_road = WSGIMiddleware(wsgi_application, workers=settings.WEB_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Take a call to its road, or the process through its life."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in HOT_PATHS:
        await hot_road(scope, receive, send)
    else:
        # Raw bytes in a query are no valid URL, and would fail to be decoded further on.
        if scope["type"] == "http" and not scope["query_string"].isascii():
            scope["query_string"] = quote(scope["query_string"], safe="%&=+?/:@,;~").encode()
        await django_road(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await asyncio.to_thread(keeper.start)
    hot_road.open()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    # The server has answered all calls by now; what a caller who hung up left behind is written.
    await asyncio.to_thread(hot_road.close)
    await asyncio.to_thread(keeper.stop)
    if settings.DATABASE_POOL_SIZE:
        connection.close_pool()
    await send({"type": "lifespan.shutdown.complete"})
