"""How processes share one server: a file lock each, which dies with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.cluster import Cluster
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places
from config.embedded.signals import undisturbed


class Lease:
    """One process's use of a server, from acquire() to release()."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._users: int | None = None
        self._owner = 0

    def acquire(self) -> None:
        """Start the server unless it runs, and hold it."""
        try:
            self.places.var_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(
                f"Can't make the folder {self.places.var_dir}: {error.strerror}."
            ) from error
        with self._door():
            self._users, self._owner = _open(self.places.users_lock), os.getpid()
            try:
                # Never waits: the lock is taken exclusively only behind the same door.
                fcntl.flock(self._users, fcntl.LOCK_SH)
                Cluster(self.places).start()
            except BaseException as error:
                # Also a signal's: it may have come when the server was up already.
                self._leave()
                if isinstance(error, OSError):
                    raise EmbeddedError(f"PostgreSQL can't be started: {error}.") from error
                raise

    def release(self) -> None:
        """Let go, and stop the server if nobody else holds it.

        Does nothing without a server, nor in a forked child: it has the lock's file open, but the
        lease is its parent's.
        """
        if self._users is not None and self._owner == os.getpid():
            with undisturbed(), self._door():
                self._leave()

    def _leave(self) -> None:
        """Unlock, behind the door, and stop the server if nobody else has locked."""
        if self._users is None:
            return
        with undisturbed():
            users, self._users = self._users, None
            try:
                if _is_last(users):
                    Cluster(self.places).stop()
                # Children forked since hold the same open file, so closing it isn't enough.
                fcntl.flock(users, fcntl.LOCK_UN)
            finally:
                os.close(users)

    @contextmanager
    def _door(self) -> Iterator[None]:
        """Let one process at a time enter or leave."""
        door = _open(self.places.door_lock)
        try:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield
        finally:
            os.close(door)


def _is_last(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except PermissionError as error:
        raise EmbeddedError(
            f"{path} belongs to another user, who ran this project first. Run as that user, or "
            "set VAR_DIR to a folder of your own."
        ) from error
