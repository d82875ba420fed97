"""Which process takes a new connection: the one that has fewest.

Processes wait at one listening socket, and who wakes first takes most of a rush, and keeps it while
the others have little to do. So each tells the others, in memory that they share, how many
connections it has; and who has more than another one waits a moment before it takes a further one.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import mmap
import socket
import ssl
import struct
from collections.abc import Callable

logger = logging.getLogger("gunicorn.error")

# The head start of who has fewer. Nobody waits longer for an acceptance, whoever is stuck.
HEAD_START_SECONDS = 0.001
# As asyncio's own servers do where the process may open no more files.
RETRY_SECONDS = 1.0
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
# More processes than that share places, and are a little less even.
PLACES = 64

# Mapped before the processes are forked, and so the same for all of them.
_memory = mmap.mmap(-1, 4 * PLACES)
_counts = struct.Struct(f"{PLACES}I")
_count = struct.Struct("I")


class Share:
    """How many of all connections this process has, told to the others.

    `process` is gunicorn's number of it, which begins at 1 and is never given twice.
    """

    def __init__(self, process: int) -> None:
        self._process = process
        self._connections = 0
        self._tell()

    def opened(self) -> None:
        self._connections += 1
        self._tell()

    def closed(self) -> None:
        self._connections -= 1
        self._tell()

    def _tell(self) -> None:
        # 0 is for a place where nobody is.
        _count.pack_into(_memory, 4 * (self._process % PLACES), self._connections + 1)

    def is_larger_than_another(self) -> bool:
        """Return whether another process has fewer connections."""
        told = [count for count in _counts.unpack_from(_memory) if count]
        return self._connections + 1 > min(told, default=0)


def forget(process: int) -> None:
    """Let nobody wait for a process that has ended."""
    _count.pack_into(_memory, 4 * (process % PLACES), 0)


class Acceptor:
    """Accepts connections of a listening socket for this process. To gunicorn, asyncio's server.

    Whoever loses a connection tells the process's share.
    """

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.BaseProtocol],
        share: Share,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._protocol = protocol
        self._share = share
        self._tls = tls
        self._has_waited = False
        self._pause: asyncio.TimerHandle | None = None
        # The loop holds tasks weakly.
        self._being_made: set[asyncio.Task[object]] = set()
        listener.setblocking(False)
        self._loop.add_reader(listener, self._accept)

    def close(self) -> None:
        """Accept no more. May be called again."""
        if self._listener.fileno() < 0:
            return
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)
        self._listener.close()

    async def wait_closed(self) -> None:
        """Return: nothing is left to be done."""

    def _accept(self) -> None:
        if not self._has_waited and self._share.is_larger_than_another():
            self._has_waited = True
            self._wait(HEAD_START_SECONDS)
            return
        self._has_waited = False
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another process took it, or the client went away
        except OSError as error:
            if error.errno not in _EXHAUSTED:
                raise
            logger.warning("no more connections can be opened", extra={"error": error.strerror})
            self._wait(RETRY_SECONDS)
            return
        connection.setblocking(False)
        self._share.opened()
        made = self._loop.create_task(self._make(connection))
        self._being_made.add(made)
        made.add_done_callback(self._being_made.discard)

    async def _make(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, connection, ssl=self._tls)
        except OSError:
            self._share.closed()
            connection.close()

    def _wait(self, seconds: float) -> None:
        self._loop.remove_reader(self._listener)
        self._pause = self._loop.call_later(seconds, self._listen)

    def _listen(self) -> None:
        self._loop.add_reader(self._listener, self._accept)
