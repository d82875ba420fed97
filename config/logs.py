"""JSON logs: one object a line, on standard error, without personal data."""

from __future__ import annotations

import functools
import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from typing import Any

from django.core.exceptions import SuspiciousOperation

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")

# One line a request, by config.middleware.log_request.
REQUEST_LOGGER = "plainsplit.request"

# What LogRecord itself carries; anything else on a record came by `extra` and is printed.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Django hangs these on its records; they are objects, or would repeat the request's line.
_UNWANTED = frozenset({"request", "server_time", "status_code", "sql", "params", "alias"})

# What must not be kept may reach a line by a path or by a database error's message.
# (Tried from the beginning of a word only, or a long one would be tried from each of its letters.)
_EMAIL = re.compile(r'(?<![^\s@"<>\\(=/])[^\s@"<>\\(=/]+@[^\s@"<>\\)]{1,255}\.[A-Za-z]{2,24}')
_TOKEN = re.compile(r"\bps_[0-9a-f]{12}_[A-Za-z0-9_-]+")
# PostgreSQL quotes the row or the parameter at fault here.
_VALUES = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)


def scrubbed(text: str) -> str:
    """Return a text without e-mail addresses and API tokens."""
    if "@" in text:
        text = _EMAIL.sub("[e-mail address]", text)
    return _TOKEN.sub("[token]", text) if "ps_" in text else text


class JsonFormatter(logging.Formatter):
    """Format a record as one JSON object: time, level, logger, message, and what `extra` gave."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == REQUEST_LOGGER:
            return _request_line(record)
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request_id.get():
            line["request_id"] = request_id
        extra = record.__dict__.keys() - _STANDARD - _UNWANTED
        line.update({key: record.__dict__[key] for key in sorted(extra)})
        # What a client did wrong (an unknown host, say) has no place in our code to point at.
        if record.exc_info and not isinstance(record.exc_info[1], SuspiciousOperation):
            trace = self.formatException(record.exc_info)
            line["exception"] = _VALUES.sub(r"\1: [values removed]", trace)
        return scrubbed(json.dumps(line, default=str))


def _request_line(record: logging.LogRecord) -> str:
    fields = record.__dict__
    return request_line(
        record.created,
        (fields["request_id"], fields["method"], fields["path"], fields["status"], fields["ms"]),
    )


def request_line(created: float, fields: tuple[str, str, str, int, float]) -> str:
    """Return the line of a request: the same form, put together without a detour.

    There is one for every request, so that its cost counts. `fields` are those of
    config.middleware.log_request: id, method, path, status, milliseconds. Ids are known to need no
    escaping.
    """
    request_id, method, path, status, milliseconds = fields
    return (
        f'{{"time": "{_second(int(created))}.{int(created % 1 * 1000):03}Z", '
        f'"level": "INFO", "logger": "{REQUEST_LOGGER}", "message": "request", '
        f'"method": {encode_basestring_ascii(method)}, "ms": {milliseconds}, '
        f'"path": {_path_in_json(path)}, '
        f'"request_id": "{request_id}", "status": {status}}}'
    )


@functools.lru_cache(maxsize=256)
def _path_in_json(path: str) -> str:
    return encode_basestring_ascii(scrubbed(path))


@functools.lru_cache(maxsize=2)
def _second(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def is_an_exception(record: logging.LogRecord) -> bool:
    """Return whether a line of Django's request log says more than config.middleware's line does.

    Django also logs each answer of 400 and above, which is that line again.
    """
    return bool(record.exc_info)


def logging_config(level: str) -> dict[str, Any]:
    """Return the dictConfig that sends every logger's lines through JsonFormatter."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
        "filters": {
            "exceptions": {
                "()": "django.utils.log.CallbackFilter",
                "callback": is_an_exception,
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "ERROR", "filters": ["exceptions"]},
            # Whoever scans the network asks for hosts that aren't ours: the request's own line, a
            # 400, says so.
            "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        },
    }
