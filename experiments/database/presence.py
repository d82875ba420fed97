"""Whether this process's database is there; and hanging up on one that doesn't answer.

A database can be away in two ways. One that is down refuses connections and closes those it had:
whoever asks knows at once. One that is frozen, or behind a network that swallows packets, says
nothing: whoever asks waits, and soon every thread of the process does. So one thread, the asker,
asks all the time. When its question stays open for too long, every connection of the process is
cut off at its socket, which ends the others' waiting too; and until an answer comes, nobody but
the asker tries to connect.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

# The server itself breaks the asker's statements off after so long: it answers, though not what was
# asked (somebody has locked a table, say), and no session of it is left waiting behind.
ANSWER_SECONDS = 0.7
# A database that hasn't said anything by then is taken to be away.
SILENT_SECONDS = 1.0
WATCH_SECONDS = 0.1


class Presence:
    """One per process. Without an asker (commands, tests) nothing is refused or cut off."""

    def __init__(self) -> None:
        # Whether the database answered when it was last asked.
        self.is_well = True
        self._lock = threading.Lock()
        self._asker: threading.Thread | None = None
        self._asked_at: float | None = None
        # A second handle of each connection's socket, so that none is cut off under a number that
        # has become another's.
        self._sockets: dict[int, socket.socket] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Make this thread the asker, and watch over its questions from a thread of our own."""
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(done,), name="watch", daemon=True)
        self._asker = threading.current_thread()
        watch.start()
        try:
            yield
        finally:
            done.set()
            watch.join()
            self._asker = None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Time a question. Raises what it raises; one that is answered proves that all is well."""
        with self.timing():
            yield
            with self._lock:
                self._asked_at = None
                self.is_well = True

    @contextmanager
    def timing(self) -> Iterator[None]:
        """Time what may ask something: if the database falls silent in it, that is found out."""
        self._asked_at = time.monotonic()
        try:
            yield
        finally:
            self._asked_at = None

    def require(self) -> None:
        """Raise psycopg's OperationalError where connecting is known to be in vain."""
        if self.is_well or self._asker in (None, threading.current_thread()):
            return
        raise psycopg.OperationalError("The database didn't answer when it was last asked.")

    def add(self, connection: psycopg.Connection) -> None:
        """Remember a connection for as long as it lives."""
        handle = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            self._sockets[handle.fileno()] = handle
        ended = weakref.finalize(connection, self._forget, handle.fileno())
        ended.atexit = False

    def _forget(self, handle: int) -> None:
        # May run in the midst of anything, also of `_cut_off`: so without the lock.
        self._sockets.pop(handle).close()

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(WATCH_SECONDS):
            asked_at = self._asked_at
            if asked_at is not None and time.monotonic() - asked_at > SILENT_SECONDS:
                self._cut_off(asked_at)

    def _cut_off(self, asked_at: float) -> None:
        with self._lock:
            # Answered meanwhile?
            if self._asked_at != asked_at:
                return
            self.is_well = False
            sockets = list(self._sockets.values())
        for handle in sockets:
            # Closed already, by the other side or by its owner.
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)


presence = Presence()
