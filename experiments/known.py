"""What a process remembers of visitors: facts that don't change once they are committed.

They are hints that spare a look into the database. Nothing is remembered before its commit. All is
forgotten when a connection is made anew, since the server may be another one; and who did what
first when the configuration changes, as it does when the counts are rebuilt.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import NamedTuple

# Of each generation; a visitor takes some 150 bytes.
MOST_VISITORS = 20_000


class Standing(NamedTuple):
    """Where a visitor stands in an experiment, as it is stored.

    The variant, the phase of the assignment, and the kinds of things that are known to have been
    counted as the visitor's first.
    """

    variant_id: str
    phase: int
    done: frozenset[str] = frozenset()


# {experiment id: {visitor id: standing}}
_Generation = dict[str, dict[str, "Standing"]]

# Many visitors, few standings: each is kept once.
_shared = lru_cache(maxsize=10_000)(Standing)
_NOBODY: Mapping[str, Standing] = MappingProxyType({})


class Standings:
    """The standings that were needed last, without their rows being read again.

    Two generations instead of an order of use: when the younger is full, it becomes the older, and
    what nobody asked for since is forgotten. Threads share it without a lock: each step is one
    operation on a dictionary, and what is lost in between is merely read again.
    """

    def __init__(
        self, version: int = 0, most: int = MOST_VISITORS, before: Standings | None = None
    ) -> None:
        self.version = version
        self._most = most
        self._young: _Generation = {}
        self._old: _Generation = {}
        # How many are in the younger one, nearly: threads may count at the same moment.
        self._number = 0
        # Those of the configuration before: of them the assignments still hold.
        self._before = (before._young, before._old) if before else ()

    def get(self, visitor_id: str, experiment_id: str) -> Standing | None:
        """Return what is stored, as far as it is known; None if that isn't known at all."""
        standing = self._young.get(experiment_id, _NOBODY).get(visitor_id)
        if standing is None:
            standing = self._old.get(experiment_id, _NOBODY).get(visitor_id)
            standing = standing or self._inherited(visitor_id, experiment_id)
            if standing is not None:
                self._keep(visitor_id, experiment_id, standing)
        return standing

    def _inherited(self, visitor_id: str, experiment_id: str) -> Standing | None:
        for generation in self._before:
            standing = generation.get(experiment_id, _NOBODY).get(visitor_id)
            if standing is not None:
                return _shared(standing.variant_id, standing.phase)
        return None

    def remember(
        self,
        visitor_id: str,
        experiment_id: str,
        variant_id: str,
        phase: int,
        done: frozenset[str] = frozenset(),
    ) -> None:
        """Remember an assignment, and kinds that were counted, once they are committed."""
        before = self.get(visitor_id, experiment_id)
        if before is not None:
            if before.done >= done:
                return
            done |= before.done
        standing = _shared(intern(variant_id), phase, done)
        self._keep(visitor_id, experiment_id, standing)

    def _keep(self, visitor_id: str, experiment_id: str, standing: Standing) -> None:
        if self._number >= self._most:
            self._old, self._young, self._before, self._number = self._young, {}, (), 0
        visitors = self._young.setdefault(experiment_id, {})
        self._number += visitor_id not in visitors
        visitors[visitor_id] = standing


class Known:
    """The standings that hold under the configuration's current version."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget everything: the database may be another one, or have been emptied."""
        self.latest = Standings()

    def under(self, version: int) -> Standings:
        """Return the standings for who acts on this version of the configuration.

        Under a later version the assignments are known as before, and nothing of what was done
        first. Who still acts on an earlier one is given nothing, and what becomes of that is
        remembered by nobody.
        """
        standings = self.latest
        if version > standings.version:
            self.latest = standings = Standings(version, before=standings)
        return standings if version == standings.version else Standings(version)


known = Known()
