"""Holds the process's current snapshot and keeps it fresh.

In a web process a thread asks for the configuration's version a few times a second, so that a
change reaches every process within one second and no request ever asks. Without the thread
(commands, tests) whoever wants the snapshot asks, at most every SNAPSHOT_MAX_AGE seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from django.conf import settings
from django.db import Error, connection

from experiments import snapshot, store
from experiments.database.base import DatabaseWrapper
from experiments.database.presence import ANSWER_SECONDS, presence
from experiments.snapshot import EMPTY, Snapshot

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 0.4
LOG_SECONDS = 60.0


class SnapshotKeeper:
    """One per process. Reading is free of locks: a snapshot is replaced, never changed."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._checked_at = 0.0
        self._logged_at = -LOG_SECONDS
        self._is_outage_told = False
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._tried = threading.Event()
        self._thread: threading.Thread | None = None
        # Small writes of this process, done by the thread after each asking and once at its end:
        # they share its connection, and its knowledge of whether there is a database.
        self.chores: list[Callable[[bool], None]] = []

    @property
    def is_database_well(self) -> bool:
        """Whether the database answered when last asked; pages don't wait where it didn't."""
        return presence.is_well

    @is_database_well.setter
    def is_database_well(self, is_well: bool) -> None:
        presence.is_well = is_well

    def current(self) -> Snapshot:
        """Return the newest snapshot that is known; the last one while the database is away."""
        if self._thread is None:
            age = time.monotonic() - self._checked_at
            if self._snapshot is None or age >= settings.SNAPSHOT_MAX_AGE:
                return self.refresh_quietly()
        return self._snapshot or EMPTY

    def refresh(self) -> Snapshot:
        """Ask for the version now and read anew if it changed. Raises database errors."""
        with self._lock:
            held = self._snapshot
            if held is None or store.config_version() != held.version:
                held = self._snapshot = snapshot.load()
            self._checked_at = time.monotonic()
            self.is_database_well = True
            return held

    def refresh_quietly(self) -> Snapshot:
        """Refresh where the database allows; else say so once a minute, and return the last."""
        try:
            return self.refresh()
        except Error as error:
            self.note_failure(error)
            return self._snapshot or EMPTY

    def note_failure(self, error: Error) -> None:
        """Remember that the database didn't answer, and say so once a minute."""
        self.is_database_well = False
        # The next one asks again only after a while: nobody queues up behind a dead database.
        self._checked_at = time.monotonic()
        self.log_failure(error)

    def log_failure(self, error: Error) -> None:
        """Say that the database didn't answer, once a minute, however often it is asked."""
        if time.monotonic() - self._logged_at >= LOG_SECONDS:
            self._logged_at = time.monotonic()
            self._is_outage_told = True
            logger.error(
                "database unavailable, serving the last snapshot",
                extra={"error": type(error).__name__},
            )

    def forget(self) -> None:
        """Drop what is known, for a database that was swapped or emptied underneath (tests)."""
        self._snapshot = None
        self._checked_at = 0.0

    def start(self) -> None:
        """Keep the snapshot fresh from a thread of this process. Call after fork."""
        if self._thread is None:
            self._stopping.clear()
            self._tried.clear()
            self._thread = threading.Thread(target=self._run, name="snapshot", daemon=True)
            self._thread.start()
            # Serving begins with the configuration, or with the knowledge that there is none.
            self._tried.wait()

    def stop(self) -> None:
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        cast(DatabaseWrapper, connection).statement_seconds = ANSWER_SECONDS
        try:
            with presence.watching():
                while True:
                    # Dropped if it broke; no request shares this connection.
                    connection.close_if_unusable_or_obsolete()
                    self._ask()
                    self._tried.set()
                    self._do_chores()
                    if self._stopping.wait(REFRESH_SECONDS):
                        break
                self._do_chores(is_last=True)
        finally:
            self._tried.set()
            connection.close()

    def _ask(self) -> None:
        try:
            with presence.asking():
                self.refresh()
        except Error as error:
            self.note_failure(error)
            return
        if self._is_outage_told:
            self._is_outage_told = False
            logger.info("database available again")

    def _do_chores(self, *, is_last: bool = False) -> None:
        """Do them where there is a database; what fails is tried again with the next asking."""
        for chore in self.chores:
            if presence.is_well or is_last:
                with suppress(Error), presence.timing():
                    chore(is_last)


keeper = SnapshotKeeper()
