"""Signals that end a process, taken so that the server is stopped all the same."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def leave_on_signals() -> None:
    """Make SIGTERM, and SIGHUP (a closed terminal), end this process as sys.exit does.

    By themselves they would end it without a word, and the server would be left running. A signal
    that is ignored, as SIGHUP is under nohup, stays so.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore such signals for the length of the block, in which the process is ending anyway.

    They often come twice: from the terminal to everybody, say, and again from `make`.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers run in the main thread alone, and only there can they be set
        return
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    for ending in _ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    sys.exit(128 + number)
