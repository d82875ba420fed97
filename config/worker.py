"""gunicorn's ASGI worker, with two gaps closed that it leaves to a proxy in front.

As it comes, a connection that never sends its first request is kept for ever, and a stop waits for
every idle connection until the graceful timeout, after which the worker is killed before the
application could shut down. Browsers open such spare connections all the time.
"""

from __future__ import annotations

import asyncio
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

# How long a new connection may take until its first request's headers are complete. (Later
# requests on the connection have the keep-alive time for that.)
FIRST_REQUEST_SECONDS = 10.0
# How long a stopping worker listens for requests that were already on their way.
LAST_CALL_SECONDS = 0.1


class TimedProtocol(ASGIProtocol):  # type: ignore[misc]  # gunicorn has no types
    """A connection that is closed if its first request doesn't come."""

    worker: Worker

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request, with the timer that bounds the later ones."""
        super().connection_made(transport)
        self.worker.connections.add(self)
        self._keepalive_handle = self.worker.loop.call_later(
            FIRST_REQUEST_SECONDS, self._keepalive_timeout
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.worker.connections.discard(self)
        super().connection_lost(exc)

    def close_if_idle(self) -> None:
        """Close the connection unless it is being answered."""
        if self._awaiting_request:
            self._keepalive_timeout()


class Worker(gasgi.ASGIWorker):  # type: ignore[misc]  # as above
    """The worker that config/gunicorn.py names."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connections: set[TimedProtocol] = set()

    def init_process(self) -> None:
        """Run this process, with our connections: the base class takes no other way to say so."""
        gasgi.ASGIProtocol = TimedProtocol
        super().init_process()

    async def _shutdown(self) -> None:
        for server in self.servers:
            server.close()
        await asyncio.sleep(LAST_CALL_SECONDS)
        for connection in list(self.connections):
            connection.close_if_idle()
        await super()._shutdown()
