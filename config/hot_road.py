"""The bare ASGI handler of the hot JSON paths.

It keeps everything that Django's road gives a call: limits, body size, time-outs, errors, headers,
request id and log line. What a call means is decided elsewhere (experiments.hot.HotPath); here it
is only carried.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http.request import split_domain_port, validate_host

from config.admission import Call
from config.counters import SharedCounters
from config.lanes import Lane
from config.middleware import (
    REQUEST_ID_HEADER,
    fixed_headers,
    log_request,
    request_id_from,
)
from config.transport import (
    BODY_SECONDS,
    Disconnected,
    Headers,
    Receive,
    Scope,
    Send,
    discard_body,
    list_of,
    read_body,
    text_of,
)
from experiments import answers
from experiments.answers import Answer, ApiError
from experiments.grouping import QueueFull
from experiments.hot import HotPath
from experiments.http import SERVER_ERROR
from experiments.limits import client_address

logger = logging.getLogger("plainsplit.hot")

OVERLOADED = answers.error(
    503, "More is arriving than can be stored. Nothing of this was; try again.", Retry_After="1"
)


class HotRoad:
    """Answers POSTs to its paths. Call `open` in the process that serves, `close` when it ends."""

    def __init__(self, paths: Mapping[str, HotPath[Any, Any]]) -> None:
        self.paths = paths
        self._lanes: dict[str, Lane] = {}

    def open(self) -> None:
        """Start a lane for each kind of work; paths that act alike share one."""
        self._counters = SharedCounters()
        by_act: dict[Any, Lane] = {}
        for name, path in self.paths.items():
            if path.act not in by_act:
                by_act[path.act] = Lane(path, self._counters)
            self._lanes[name] = by_act[path.act]

    async def close(self) -> None:
        """Write what waits, then stop."""
        for lane in set(self._lanes.values()):
            await lane.close()
        self._lanes.clear()
        self._counters.close()

    def lane(self, path: str) -> Lane:
        """Return where the calls to a path wait."""
        return self._lanes[path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = dict(scope["headers"])
        request_id = request_id_from(text_of(headers, REQUEST_ID_HEADER))
        try:
            answer = await self._answer(scope["path"], scope, headers, receive)
        except Disconnected:
            return
        except Exception as error:
            answer = self.failed(error, request_id)
        await send_answer(answer, request_id, send)
        log_request(request_id, scope["method"], scope["path"], answer.status, started)

    def failed(self, error: Exception, request_id: str) -> Answer:
        """Return the answer to a call that ended in an error, and log what is a fault of ours."""
        if isinstance(error, ApiError):
            return error.answer
        if isinstance(error, QueueFull):
            return OVERLOADED
        if isinstance(error, OperationalError | InterfaceError):
            # The request's own line says 503; the snapshot's keeper says why, once a minute.
            return answers.UNAVAILABLE
        logger.error("hot path failed", exc_info=error, extra={"request_id": request_id})
        return SERVER_ERROR

    async def _answer(self, path: str, scope: Scope, headers: Headers, receive: Receive) -> Answer:
        _require_allowed(scope, headers)
        hot_path = self.paths[path]
        peer = scope["client"][0] if scope.get("client") else ""
        address = client_address(peer, lambda name: list_of(scope, name))
        lane = self._lanes[path]
        if lane.is_behind():
            # So many bodies would fill the memory, and reading them take what time there is.
            await discard_body(receive, BODY_SECONDS)
            raise QueueFull
        body = await read_body(headers, receive)
        if lane.is_behind():
            raise QueueFull
        try:
            item = hot_path.parse(body)
        except ApiError as wrong:
            item = wrong
        result = await lane.ask(Call(hot_path, address, item))
        return hot_path.answer(item, result)


async def send_answer(answer: Answer, request_id: str, send: Send) -> None:
    """Send an answer with the headers that Django's middleware gives its own."""
    body = answer.encoded()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (REQUEST_ID_HEADER.lower().encode(), request_id.encode()),
        *fixed_headers(),
    ]
    for name, value in answer.headers.items():
        headers.append((name.lower().encode("latin-1"), value.encode("latin-1")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def is_allowed(headers: Headers, scheme: str) -> bool:
    """Return whether a call is for one of the site's hosts and came by the scheme that it wants."""
    if not _is_allowed_host((text_of(headers, "Host") or "").lower()):
        return False
    return not settings.SECURE_SSL_REDIRECT or _is_secure(scheme, headers)


def _require_allowed(scope: Scope, headers: Headers) -> None:
    if is_allowed(headers, scope.get("scheme", "http")):
        return
    if not _is_allowed_host((text_of(headers, "Host") or "").lower()):
        raise ApiError(answers.error(400, "This host is not one of the site's."))
    raise ApiError(answers.error(403, "This site is served over HTTPS only."))


@functools.lru_cache(maxsize=1000)
def _is_allowed_host(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _is_secure(scheme: str, headers: Headers) -> bool:
    proxied: tuple[str, str] | None = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    if proxied:
        name, value = proxied
        return text_of(headers, name.removeprefix("HTTP_").replace("_", "-")) == value
    return scheme == "https"
