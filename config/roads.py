"""One application, two roads: hot JSON paths on a bare ASGI handler, all else through Django.

Django answers in worker threads of the same process, as WSGI, which is its fastest road.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any

from django.conf import settings
from django.urls import get_resolver

from config import log_buffer
from config.django_road import DjangoRoad
from config.express import Express
from config.hot_road import HotRoad
from config.transport import Receive, Scope, Send
from config.wsgi import application as wsgi_application
from experiments.assignment import shared_commits
from experiments.assignment_path import ASSIGNMENTS
from experiments.hot import HotPath
from experiments.keeper import keeper
from metrics.ingest.paths import EVENT_BATCHES, EVENTS
from metrics.page_counter import page_counter

HOT_PATHS: dict[str, HotPath[Any, Any]] = {
    "/api/assignments": ASSIGNMENTS,
    "/api/assign": ASSIGNMENTS,
    "/api/events": EVENTS,
    "/api/track": EVENTS,
    "/api/events/batch": EVENT_BATCHES,
}

hot_road = HotRoad(HOT_PATHS)
django_road = DjangoRoad(wsgi_application, settings.WEB_THREADS)


class Application:
    """Takes a call to its road, or the process through its life.

    `express` is for the server's connections (config.worker): it takes plain hot calls off them.
    """

    def __init__(self) -> None:
        self.express = Express(hot_road)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["method"] == "POST" and scope["path"] in HOT_PATHS:
            await hot_road(scope, receive, send)
        else:
            await django_road(scope, receive, send)


application = Application()


def _spare_the_collector() -> None:
    """Let Python's collector of cycles look at what requests make, and not at all of Django.

    What is there by now stays for the life of the process. Requests leave few cycles behind, so
    looking for them can wait until more has been made.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    log_buffer.open_buffers()
    # What can't be served should fail now, not at the first visitor.
    get_resolver().url_patterns  # noqa: B018  (reading it imports every view)
    keeper.chores.append(page_counter.write_when_due)
    await asyncio.to_thread(keeper.start)
    hot_road.open()
    # Pages of newcomers go the same way: a commit for each page costs more than the page.
    shared_commits.through = hot_road.lane("/api/assignments").ask_in_thread
    _spare_the_collector()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    # The server has answered all calls by now; what a caller who hung up left behind is written.
    shared_commits.through = None
    await hot_road.close()
    await asyncio.to_thread(django_road.close)
    await asyncio.to_thread(keeper.stop)
    await asyncio.to_thread(log_buffer.close_buffers)
    await send({"type": "lifespan.shutdown.complete"})
