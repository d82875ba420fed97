"""gunicorn's ASGI worker, with two gaps closed that it leaves to a proxy in front.

As it comes, a connection that never sends its first request is kept for ever, and a stop waits for
every idle connection until the graceful timeout, after which the worker is killed before the
application could shut down. Browsers open such spare connections all the time.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

from config.acceptor import Acceptor, Share

if TYPE_CHECKING:
    # Imported by the application, once Django is set up.
    from config.express import Express, ExpressCall

# How long a new connection may take until its first request's headers are complete. (Later
# requests on the connection have the keep-alive time for that.)
FIRST_REQUEST_SECONDS = 10.0
# How long a stopping worker listens for requests that were already on their way.
LAST_CALL_SECONDS = 0.1


class TimedProtocol(ASGIProtocol):  # type: ignore[misc]  # gunicorn has no types
    """A connection that is closed if its first request doesn't come.

    Where the application has an `express`, complete plain requests go there while the connection is
    between two requests, and everything else to gunicorn.
    """

    worker: Worker

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker)
        self._express: Express | None = getattr(worker.asgi, "express", None)
        # The express's call that is under way, and what arrived behind it meanwhile.
        self.call: ExpressCall | None = None
        self._behind = b""
        self._answered_at = 0.0
        # Whether gunicorn's parser holds the beginning of a request.
        self._has_begun = False
        self._peer = ""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to wait for the first request, with the timer that bounds the later ones."""
        super().connection_made(transport)
        self.worker.connections.add(self)
        self._wait_at_most(FIRST_REQUEST_SECONDS)
        name = transport.get_extra_info("peername")
        self._peer = name[0] if isinstance(name, tuple) else ""

    def data_received(self, data: bytes) -> None:
        """Let the express have what it takes, and gunicorn the rest."""
        if self.call is not None:
            self._behind += data
            self.transport.pause_reading()
            return
        if not (self._is_between_requests() and self._takes_express(data)):
            super().data_received(data)

    def _is_between_requests(self) -> bool:
        return bool(
            self._awaiting_request
            and not self._has_begun
            and not self._request_ready.is_set()
            and not self._flow_control.write_paused
            and not self._is_ssl
            and self._proxy_protocol == "off"
            and self._keepalive
            and self.worker.alive
        )

    def _takes_express(self, data: bytes) -> bool:
        return self._express is not None and self._express.take(data, self._peer, self)

    @property
    def ends(self) -> bool:
        """Whether the connection ends with the answer that is due."""
        worker = self.worker
        return not worker.alive or worker.nr + 1 >= worker.max_requests

    def answer(self, content: bytes) -> None:
        """Send the answer of the express's call, and turn to what comes next."""
        self.call = None
        self._answered_at = self.worker.loop.time()
        if self._closed:
            return
        self.transport.write(content)
        is_last = self.ends
        self.worker.nr += 1
        if is_last:
            self.worker.alive = False
            self._close()
        elif self._behind:
            data, self._behind = self._behind, b""
            self.transport.resume_reading()
            self.data_received(data)

    def _feed_callback_parser(self, data: bytes) -> bool:
        # Of the request under way, or the one behind it: else it begins one.
        if not self._request_ready.is_set():
            self._has_begun = True
        return bool(super()._feed_callback_parser(data))

    def _on_headers_complete(self) -> bool:
        self._has_begun = False
        return bool(super()._on_headers_complete())

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self.call is not None:
            self.call.abandon()
        self.worker.connections.discard(self)
        if self.worker.share is not None:
            self.worker.share.closed()
        super().connection_lost(exc)

    def close_if_idle(self) -> None:
        """Close the connection unless it is being answered."""
        if self._awaiting_request and self.call is None:
            self._close()

    def _keepalive_timeout(self) -> None:
        # The express doesn't turn the timer back for each of its calls.
        quiet = self.worker.loop.time() - self._answered_at
        if self.call is not None:
            self._wait_at_most(self._keepalive)
        elif quiet < self._keepalive:
            self._wait_at_most(self._keepalive - quiet)
        else:
            self._close()

    def _wait_at_most(self, seconds: float) -> None:
        self._keepalive_handle = self.worker.loop.call_later(seconds, self._keepalive_timeout)

    def _close(self) -> None:
        super()._keepalive_timeout()


class Worker(gasgi.ASGIWorker):  # type: ignore[misc]  # as above
    """The worker that config/gunicorn.py names."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connections: set[TimedProtocol] = set()
        self.share: Share | None = None

    def init_process(self) -> None:
        """Run this process, with our connections: the base class takes no other way to say so."""
        gasgi.ASGIProtocol = TimedProtocol
        super().init_process()

    async def _serve(self) -> None:
        async def create_fair_server(
            protocol: Callable[[], Any], *, sock: socket.socket, ssl: Any, **_others: Any
        ) -> Acceptor:
            # Only now, when the application is ready, do the others leave connections to us.
            self.share = self.share or Share(self.age)
            return Acceptor(sock, protocol, self.share, ssl)

        self.loop.create_server = create_fair_server  # type: ignore[method-assign,assignment]  # no other way in
        await super()._serve()

    async def _shutdown(self) -> None:
        for server in self.servers:
            server.close()
        await asyncio.sleep(LAST_CALL_SECONDS)
        for connection in list(self.connections):
            connection.close_if_idle()
        await super()._shutdown()
