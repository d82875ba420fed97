"""Django's handler in threads of this process: one hop there with the whole body, one hop back.

a2wsgi's own middleware hands each part of a response over by itself and lets a thread wait for a
slow client's body; here the event loop does the waiting, and eight slow clients hold no thread.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, cast
from urllib.parse import quote

from a2wsgi.wsgi import build_environ
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from config.hot_road import send_answer
from config.middleware import REQUEST_ID_HEADER, log_request, request_id_from
from config.transport import Disconnected, Receive, Scope, Send, read_body, text_of
from experiments.answers import ApiError

# A streamed response (a static file, an export) is collected up to here before it is sent.
COLLECTED_BYTES = 256 * 1024

Header = tuple[bytes, bytes]


class DjangoRoad:
    """Answers any request by Django, in one of so many threads."""

    def __init__(self, handler: WSGIHandler, threads: int) -> None:
        self._handler = handler
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        started = time.perf_counter()
        try:
            body = await read_body(dict(scope["headers"]), receive)
        except Disconnected:
            return
        except ApiError as refusal:
            await _refuse(refusal, scope, started, send)
            return
        environ = _environ(scope, body)

        def send_from_thread(message: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(cast(Any, send(message)), loop).result()

        last = await loop.run_in_executor(self._threads, self._respond, environ, send_from_thread)
        for message in last:
            await send(message)

    def _respond(self, environ: dict[str, Any], send: Any) -> list[dict[str, Any]]:
        """Return what is left to send; a long stream's beginning is sent from here."""
        request_started.send(sender=self._handler.__class__, environ=environ)
        response = self._handler.get_response(self._handler.request_class(environ))
        try:
            start = {
                "type": "http.response.start",
                "status": response.status_code,
                "headers": _headers_of(response),
            }
            if not response.streaming:
                return [start, _body(cast(HttpResponse, response).content)]
            begun, rest = _collected(iter(cast(Any, response)))
            if rest is None:
                return [start, _body(begun)]
            send(start)
            for part in chain([begun], rest):
                send(_body(part, more=True))
            return [_body(b"")]
        finally:
            # Ends the request for Django, which drops the thread's connection if it broke.
            response.close()

    def close(self) -> None:
        self._threads.shutdown()


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    # Raw bytes in a query are no valid URL, and would fail to be decoded.
    if not scope["query_string"].isascii():
        scope = {**scope, "query_string": quote(scope["query_string"], safe="%&=+?/:@,;~").encode()}
    environ = cast("dict[str, Any]", build_environ(cast(Any, scope), cast(Any, io.BytesIO(body))))
    # As it arrived: a chunked body has no declared length, and Django would read nothing of it.
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _headers_of(response: HttpResponseBase) -> list[Header]:
    headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in response.items()]
    headers += [
        (b"set-cookie", cookie.output(header="").strip().encode("latin-1"))
        for cookie in response.cookies.values()
    ]
    return headers


def _body(content: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


def _collected(parts: Iterator[bytes]) -> tuple[bytes, Iterator[bytes] | None]:
    """Return a stream's beginning, and its rest where that isn't all of it."""
    begun = []
    size = 0
    for part in parts:
        begun.append(part)
        size += len(part)
        if size > COLLECTED_BYTES:
            return b"".join(begun), parts
    return b"".join(begun), None


async def _refuse(refusal: ApiError, scope: Scope, started: float, send: Send) -> None:
    """Answer for Django what never reached it: a body that is too large or too slow."""
    request_id = request_id_from(text_of(dict(scope["headers"]), REQUEST_ID_HEADER))
    await send_answer(refusal.answer, request_id, send)
    log_request(request_id, scope["method"], scope["path"], refusal.answer.status, started)
