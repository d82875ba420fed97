"""What those hold who wait for a call's answer."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Protocol

Result = Any


class Ticket(Protocol):
    """What somebody holds who waits for a call's answer. Called in the event loop."""

    def settle(self, result: Result, error: Exception | None) -> None:
        """Take what became of the call: its result, or the error that it ended in."""


class Awaited:
    """The ticket of a coroutine."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[Result] = loop.create_future()

    def settle(self, result: Result, error: Exception | None) -> None:
        """Wake the coroutine, unless its caller hung up."""
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


class Waited:
    """The ticket of a thread."""

    def __init__(self) -> None:
        self._result: Result = None
        self._error: Exception | None = None
        self._settled = threading.Lock()
        self._settled.acquire()

    def settle(self, result: Result, error: Exception | None) -> None:
        """Wake the thread."""
        self._result, self._error = result, error
        self._settled.release()

    def wait(self) -> Result:
        """Return the result, or raise the error."""
        with self._settled:
            if self._error is not None:
                raise self._error
            return self._result
