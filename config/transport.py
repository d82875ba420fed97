"""How a request's body and headers are taken from ASGI's messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from experiments import answers
from experiments.answers import ApiError

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Mapping[bytes, bytes]

# A body that takes longer than this to arrive is given up: a slow client may not hold a call.
BODY_SECONDS = 10.0
# Of a body that is too large, so much is read and forgotten before it is refused.
DISCARDED_BYTES = 16 * 1024 * 1024
DISCARDING_SECONDS = 2.0

TOO_SLOW = answers.error(408, f"The body took longer than {BODY_SECONDS:.0f} seconds.")


class Disconnected(Exception):
    """The client went away before its body was complete; there is nobody to answer."""


def text_of(headers: Headers, name: str) -> str | None:
    """Return a header's value by its usual name."""
    value = headers.get(name.lower().encode())
    return None if value is None else value.decode("latin-1")


def list_of(scope: Scope, name: str) -> str:
    """Return a header that is a list, also one that came in several lines."""
    wanted = name.lower().encode()
    lines = [value for given, value in scope["headers"] if given == wanted]
    return b",".join(lines).decode("latin-1")


def is_declared_too_large(headers: Headers) -> bool:
    declared = headers.get(b"content-length", b"0")
    return declared.isdigit() and int(declared) > settings.MAX_BODY_BYTES


async def read_body(headers: Headers, receive: Receive) -> bytes:
    """Return the body. Raises ApiError for one too large or too slow, Disconnected without one."""
    if is_declared_too_large(headers):
        await discard_body(receive)
        raise ApiError(answers.BODY_TOO_LARGE)
    parts = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while size <= settings.MAX_BODY_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                part = message.get("body", b"")
                parts.append(part)
                size += len(part)
                if not message.get("more_body"):
                    break
            else:
                await discard_body(receive)
    except TimeoutError:
        raise ApiError(TOO_SLOW) from None
    if size > settings.MAX_BODY_BYTES:
        raise ApiError(answers.BODY_TOO_LARGE)
    return b"".join(parts)


async def discard_body(receive: Receive, seconds: float = DISCARDING_SECONDS) -> None:
    """Take what is left of a body, within reason: who is still sending reads no answer."""
    discarded = 0
    try:
        async with asyncio.timeout(seconds):
            while discarded < DISCARDED_BYTES:
                message = await receive()
                discarded += len(message.get("body", b""))
                if not message.get("more_body"):
                    break
    except TimeoutError:
        return
