"""The JSON dialect of the API, free of any transport: answers, refusals, and reading bodies."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
UUID_MESSAGE = "Must be a UUID, such as a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11."
# What stands deeper would survive reading, and then overflow whatever writes it again.
MAX_DEPTH = 64

# Made once: json.dumps makes one for every call that asks for anything unusual.
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode

Details = dict[str, list[str]]


_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Answer(NamedTuple):
    """A status, a JSON body (bytes are encoded already, None is no body), and further headers."""

    status: int
    body: Any
    headers: Mapping[str, str] = _NO_HEADERS

    def encoded(self) -> bytes:
        """Return the body as it is sent. NaN and infinity are no JSON and raise ValueError."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        return _encode(self.body).encode()


class ApiError(Exception):
    """Ends a request with an error answer, wherever it is raised on either road."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def error(status: int, message: str, **headers: str) -> Answer:
    """Return `{"error": message}`; header names are given with underscores for dashes."""
    return Answer(status, {"error": message}, {k.replace("_", "-"): v for k, v in headers.items()})


def validation_failed(details: Details) -> Answer:
    """Return the 400 that names every wrong field."""
    return Answer(400, {"error": "Validation failed", "details": details})


def too_many_requests(retry_after: int) -> Answer:
    return error(
        429,
        f"Too many requests. Try again in {retry_after} seconds.",
        Retry_After=str(retry_after),
    )


UNAVAILABLE = error(503, "The database is not available; try again in a moment.", Retry_After="1")
BODY_TOO_LARGE = error(413, "The body is larger than 1 MiB.")
NESTED_TOO_DEEPLY = error(400, f"The body is nested more than {MAX_DEPTH} levels deep.")


def parse_body(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a request's body, or raise the ApiError that says what is wrong."""
    parsed = _parse(body)
    if not isinstance(parsed, dict):
        raise ApiError(error(400, "The body must be a JSON object."))
    openers = body.count(b"{") + body.count(b"[")
    if openers > MAX_DEPTH and _is_deeper_than(MAX_DEPTH, parsed):
        raise ApiError(NESTED_TOO_DEEPLY)
    return parsed


def _parse(body: bytes) -> Any:
    if not body.strip():
        raise ApiError(error(400, "The body is empty; send a JSON object."))
    try:
        return _DECODER.decode(body.decode())
    except UnicodeDecodeError:
        raise ApiError(error(400, "The body is not valid UTF-8.")) from None
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise ApiError(error(400, f"The body is not valid JSON: see {where}.")) from None
    except ValueError:
        raise ApiError(error(400, "The body holds a number that is none or too large.")) from None
    except RecursionError:
        raise ApiError(NESTED_TOO_DEEPLY) from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


# NaN and Infinity are no JSON, 1e999 is one of them in disguise, and PostgreSQL refuses them all.
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


def _is_deeper_than(depth: int, value: dict[str, Any]) -> bool:
    level: list[Any] = [value]
    for _ in range(depth - 1):
        # Only what can hold something is followed: a batch has ten values to each of those.
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
    return any(level)


def clean_uuid(value: object) -> str | None:
    """Return a UUID in its canonical lower-case form, or None if it isn't one."""
    if isinstance(value, str) and UUID.fullmatch(value):
        return value.lower()
    return None


def is_storable_text(text: str) -> bool:
    """Return whether PostgreSQL can keep a text: no NUL, no half of a surrogate pair."""
    if "\x00" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@functools.lru_cache(maxsize=64)
def timestamp(moment: datetime) -> str:
    """Return a time as the API writes it: ISO 8601 in UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
