"""A call to a hot path that arrived whole, answered without the server's machinery.

gunicorn makes a parser's state, two tasks, three futures, a timer and a dozen dictionaries for each
request: three quarters of what a small call costs. Nearly all calls to the hot paths are one
complete, plain request in one piece. Those are read here, by rules that are stricter than
gunicorn's; whatever is unusual in any way is left to gunicorn and the ASGI road, which answer it as
ever. Both take calls to the same lanes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol

from django.conf import settings

from config.admission import Call
from config.hot_road import OVERLOADED, HotRoad, is_allowed
from config.lanes import Lane
from config.middleware import REQUEST_ID_HEADER, fixed_headers, log_request, request_id_from
from config.transport import Headers, text_of
from experiments.answers import Answer, ApiError
from experiments.grouping import QueueFull
from experiments.hot import HotPath
from experiments.limits import client_address

LONGEST_HEAD = 4096
# Field names without an underscore, values of printable ASCII.
_FIELDS = re.compile(rb"(?:[!#$%&'*+.^`|~0-9A-Za-z-]+:[\t\x20-\x7e]*\r\n)+")
# What changes how a message is framed, who is taken to have sent it, or what follows.
_UNUSUAL = frozenset(
    b"expect http2-settings te trailer transfer-encoding upgrade "
    b"x-forwarded-protocol x-forwarded-ssl".split()
)


class Plain(NamedTuple):
    """A request that was read: its path, what stands before its body, and the body."""

    path: str
    head: Head
    body: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The headers by lower-case name, each once, and how many bytes they say that the body has.

    Of a connection's many requests nearly all have the same, and so the very same object.
    """

    headers: Headers
    length: int


class Sender(NamedTuple):
    """What heads say of who sends them: the address, and an id for the request if they name one."""

    address: str
    request_id: str | None


class Connection(Protocol):
    """Where calls come from, one at a time, and their answers go."""

    call: ExpressCall | None

    def answer(self, content: bytes) -> None:
        """Send the answer of the call that is under way, head and body."""

    @property
    def ends(self) -> bool:
        """Whether the connection ends with this answer, which must then say so."""


class Express:
    """Takes plain calls to hot paths off a connection."""

    def __init__(self, road: HotRoad) -> None:
        self._road = road
        self._lines = {f"POST {path} HTTP/1.1".encode(): path for path in road.paths}

    def take(self, data: bytes, peer: str, connection: Connection) -> bool:
        """Begin to answer what arrived, and return whether it was for us; if not, nothing was done.

        The answer goes to the connection, later or before this returns.
        """
        request = read(data, self._lines)
        sender = None if request is None else _sender_of(request.head, peer)
        if request is None or sender is None:
            return False
        connection.call = ExpressCall(self._road, request, sender, connection)
        connection.call.begin()
        return True


def read(data: bytes, lines: dict[bytes, str]) -> Plain | None:
    """Return the one complete and plain request that `data` is, or None for anything else.

    `lines` are the request lines that are wanted, with their paths.
    """
    path = lines.get(data[: data.find(b"\r\n")])
    if path is None:
        return None
    end = data.find(b"\r\n\r\n", 0, LONGEST_HEAD) + 4
    head = _head_of(data[:end])
    if head is None or len(data) - end != head.length:
        return None
    return Plain(path, head, data[end:])


@lru_cache(maxsize=256)
def _head_of(data: bytes) -> Head | None:
    """Read a plain head, up to the empty line behind it; None for any other."""
    first = data.find(b"\r\n")
    if not _FIELDS.fullmatch(data, first + 2, len(data) - 2):
        return None
    headers = {}
    fields = data[first + 2 : -4].split(b"\r\n")
    for field in fields:
        name, _, value = field.partition(b":")
        headers[name.lower()] = value.strip(b" \t")
    if len(headers) < len(fields) or not _UNUSUAL.isdisjoint(headers):
        return None
    if headers.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    length = headers.get(b"content-length", b"")
    # Decimal digits, without a sign or a leading zero.
    if not re.fullmatch(rb"0|[1-9][0-9]{0,6}", length) or int(length) > settings.MAX_BODY_BYTES:
        return None
    return Head(headers, int(length))


@lru_cache(maxsize=256)
def _sender_of(head: Head, peer: str) -> Sender | None:
    """Return who sends a head, or None where it isn't for the site or didn't come as it must."""
    headers = head.headers
    if not is_allowed(headers, scheme="http"):
        return None
    address = client_address(peer, lambda name: text_of(headers, name))
    return Sender(address, text_of(headers, REQUEST_ID_HEADER))


class ExpressCall:
    """One call on its way to its lane and back; the ticket under which it waits there."""

    __slots__ = (
        "_connection", "_item", "_lane", "_path", "_request", "_road", "_sender", "_started", "id",
    )  # fmt: skip

    def __init__(
        self, road: HotRoad, request: Plain, sender: Sender, connection: Connection
    ) -> None:
        self._started = time.perf_counter()
        self._road = road
        self._request = request
        self._sender = sender
        self._connection = connection
        self._path: HotPath[Any, Any] = road.paths[request.path]
        self._lane: Lane = road.lane(request.path)
        self._item: Any = None
        self.id = request_id_from(sender.request_id)

    def begin(self) -> None:
        """Read the body and queue the call; a queue that is full is answered at once."""
        if self._lane.is_behind():
            self._send(OVERLOADED)
            return
        try:
            self._item = self._path.parse(self._request.body)
        except ApiError as wrong:
            self._item = wrong
        except Exception as fault:
            self._send(self._road.failed(fault, self.id))
            return
        try:
            self._lane.submit(Call(self._path, self._sender.address, self._item), self)
        except QueueFull:
            self._send(OVERLOADED)

    def settle(self, result: Any, error: Exception | None) -> None:
        """Answer by what became of the call."""
        if error is None:
            try:
                answer = self._path.answer(self._item, result)
            except Exception as fault:
                answer = self._road.failed(fault, self.id)
        else:
            answer = self._road.failed(error, self.id)
        self._send(answer)

    def abandon(self) -> None:
        """Forget the caller, who hung up. What was asked for is done all the same."""
        self._lane.forget(self)

    def _send(self, answer: Answer) -> None:
        body = answer.encoded()
        more = _lines_of(answer.headers.items()) if answer.headers else b""
        if self._connection.ends:
            more += b"connection: close\r\n"
        self._connection.answer(
            b"%bcontent-length: %d\r\nx-request-id: %b\r\n%b\r\n%b"
            % (
                _head(answer.status, int(time.time())),
                len(body),
                self.id.encode(),
                more,
                body,
            ),
        )
        log_request(self.id, "POST", self._request.path, answer.status, self._started)


@lru_cache(maxsize=32)
def _head(status: int, second: int) -> bytes:
    """Return an answer's first lines, as the ASGI road and gunicorn make them."""
    fixed = [(name.decode(), value.decode()) for name, value in fixed_headers()]
    own = [("content-type", "application/json"), ("cache-control", "no-store"), *fixed]
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nServer: gunicorn/asgi\r\n"
    return line.encode() + _lines_of(own) + f"Date: {formatdate(second, usegmt=True)}\r\n".encode()


def _lines_of(headers: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name.lower()}: {value}\r\n" for name, value in headers).encode("latin-1")
