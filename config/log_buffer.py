"""Log lines written many at a time, by a thread: a line a system call slows a busy server down.

A line waits a twentieth of a second at most. A process that is killed outright loses what it logged
in that time; one that is told to stop loses nothing.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import suppress
from typing import TextIO

from config.logs import REQUEST_LOGGER, JsonFormatter

WRITE_SECONDS = 0.05


class LineBuffer:
    """Stands between a logging handler and its stream. `close` writes what waits and returns it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: deque[str] = deque()
        self._has_lines = threading.Event()
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        self._lines.append(text)
        if not self._has_lines.is_set():
            self._has_lines.set()

    def flush(self) -> None:
        """Do nothing: the handler asks for this after each line."""

    def close(self) -> TextIO:
        self._is_closing.set()
        self._has_lines.set()
        self._thread.join()
        return self._stream

    def _run(self) -> None:
        while not self._is_closing.is_set():
            self._has_lines.wait()
            self._is_closing.wait(WRITE_SECONDS)
            self._has_lines.clear()
            self._write_out()
        self._write_out()

    def _write_out(self) -> None:
        lines = []
        while self._lines:
            lines.append(self._lines.popleft())
        # A full disk, say, loses these lines. The next ones may be written again.
        with suppress(OSError):
            self._stream.write("".join(lines))
            self._stream.flush()


_buffers: list[tuple[logging.StreamHandler[TextIO], LineBuffer]] = []
_request_lines: LineBuffer | None = None


def request_lines() -> LineBuffer | None:
    """Return where finished lines of requests go directly, or None: then by their logger.

    A record that is made, handed from logger to logger and formatted costs 20 µs, a tenth of what a
    small call costs. In a process that serves it comes to the same line.
    """
    return _request_lines


def open_buffers() -> None:
    """Buffer the lines of every handler that writes to a stream, in a process that serves."""
    global _request_lines
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            buffer = LineBuffer(handler.stream)
            handler.setStream(buffer)
            _buffers.append((handler, buffer))
            if _takes_requests(handler):
                _request_lines = buffer


def close_buffers() -> None:
    """Write what waits, and let handlers write to their streams themselves again."""
    global _request_lines
    _request_lines = None
    while _buffers:
        handler, buffer = _buffers.pop()
        handler.setStream(buffer.close())


def _takes_requests(handler: logging.Handler) -> bool:
    """Return whether a handler would write each request's line, in our form, and nobody else."""
    logger = logging.getLogger(REQUEST_LOGGER)
    return (
        logger.isEnabledFor(logging.INFO)
        and handler.level <= logging.INFO
        and isinstance(handler.formatter, JsonFormatter)
        and not (handler.filters or logger.filters or logger.handlers)
        and len(logging.getLogger().handlers) == 1
    )
