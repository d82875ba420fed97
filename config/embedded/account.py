"""The account that the server runs under: ours, or, since PostgreSQL refuses root, another one."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedError

# Nothing of the caller's: PGDATA, PGPORT and their like would steer the server's programs.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """A user of this machine, as whom programs are run and to whom folders are given."""

    uid: int
    gid: int
    name: str

    @classmethod
    def for_server(cls, home: Path) -> Account:
        """Return ours; as root, the owner of the data in `home`, else `postgres` or `nobody`."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), _name(os.geteuid()))
        owner = home / "data"
        if owner.exists():
            status = owner.stat()
            if status.st_uid != 0:
                return cls(status.st_uid, status.st_gid, _name(status.st_uid))
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, name)
        raise EmbeddedError(
            "PostgreSQL doesn't run as root, and this machine has no user 'postgres' or 'nobody' "
            "for it. Run as an ordinary user, or set DATABASE_URL."
        )

    @property
    def is_other(self) -> bool:
        """Whether the server runs under an account that isn't ours."""
        return self.uid != os.geteuid()

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, without a terminal, in a session of its own.

        So a Ctrl-C, which the terminal sends to everybody in the foreground, passes the server by:
        it is stopped when those who use it have gone. Raises OSError where it can't be executed.
        """
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_ENVIRONMENT,
            umask=0o077,
            start_new_session=True,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def can_execute(self, program: Path) -> bool:
        """Whether this account can reach and start a program, found by asking its version."""
        try:
            return self.run([program, "--version"]).returncode == 0
        except OSError:
            return False

    def can_write(self, folder: Path) -> bool:
        """Whether this account can reach a folder and write in it, found by trying."""
        return self.run(["/bin/sh", "-c", 'cd "$1" && test -w .', "sh", folder]).returncode == 0

    def give(self, folder: Path) -> None:
        """Make a folder that only this account (and root) may enter; its parent must be ours."""
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)
        if self.is_other:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
