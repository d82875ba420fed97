"""Which processes live, told by the session that they belong to."""

from __future__ import annotations

from pathlib import Path


def processes_of_session(session: int) -> list[int]:
    """Return the living processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        state, its_session = after_name[0], int(after_name[3])
        if its_session == session and state != "Z":
            found.append(int(stat.parent.name))
    return found
