"""Where the embedded server keeps its things. Pure: nothing here touches the file system."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

from config.embedded.errors import EmbeddedError

PROJECT_DIR = Path(__file__).resolve().parents[2]
DATABASE = "plainsplit"
ROLE = "postgres"

Profile = Literal["development", "test"]


def current_profile() -> Profile:
    """Return the profile that EMBEDDED_PROFILE names, `development` by default."""
    name = os.environ.get("EMBEDDED_PROFILE") or "development"
    for profile in get_args(Profile):
        if name == profile:
            return profile  # type: ignore[no-any-return]  # get_args is untyped
    raise EmbeddedError(f"EMBEDDED_PROFILE must be development or test, not {name!r}.")


@dataclass(frozen=True)
class Places:
    """The folders and files of one server."""

    var_dir: Path
    profile: Profile

    @classmethod
    def of(cls, profile: Profile) -> Places:
        """Return the places of the profile's server under VAR_DIR."""
        var_dir = os.environ.get("VAR_DIR") or str(PROJECT_DIR / "var")
        return cls(Path(var_dir).resolve(), profile)

    @property
    def home(self) -> Path:
        """The server's folder; a link to `outside` where its account can't reach VAR_DIR."""
        return self.var_dir / ("postgres" if self.profile == "development" else "postgres-test")

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "data"

    @property
    def key(self) -> str:
        """Names this server among those of other folders and profiles on this machine."""
        return hashlib.sha256(f"{self.var_dir}\0{self.profile}".encode()).hexdigest()[:12]

    @property
    def outside(self) -> Path:
        """The folder for a server, run by root, whose account can't reach VAR_DIR.

        Not under /var/tmp, where files that nobody has read for a month may be swept away.
        """
        return Path("/var/lib") / f"plainsplit-{self.key}"

    @property
    def socket_dir(self) -> Path:
        """The folder of the server's socket.

        Always under /tmp: a socket's path may have about 100 bytes, and the server's account may
        be unable to reach VAR_DIR, so any rule that began there would need exceptions; and it has
        to be known before the server is started. TMPDIR is not asked, since it differs between
        processes that share the server.
        """
        return Path("/tmp") / f"plainsplit-{self.key}"  # noqa: S108  (owner and mode are checked)

    @property
    def users_lock(self) -> Path:
        """Locked, shared, by every process that uses the server."""
        return self.var_dir / f"{self.home.name}.users.lock"

    @property
    def door_lock(self) -> Path:
        """Locked, exclusively, by a process that is entering or leaving."""
        return self.var_dir / f"{self.home.name}.door.lock"

    def url(self, database: str = DATABASE) -> str:
        """Return the URL of one of the server's databases."""
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={self.socket_dir}"
