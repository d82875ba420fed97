"""What a process remembers of stored assignments: they never change once they are committed."""

from __future__ import annotations

from sys import intern

# Of each generation; a visitor takes some 250 bytes.
MOST_VISITORS = 5_000


class KnownAssignments:
    """The assignments that were needed last, without their rows being read again.

    Two generations instead of an order of use: when the younger is full, it becomes the older, and
    what nobody asked for since is forgotten. Threads share it without a lock: each step is one
    operation on a dictionary, and what is lost in between is merely read again.
    """

    def __init__(self, most: int = MOST_VISITORS) -> None:
        self._most = most
        self.forget()

    def forget(self) -> None:
        """Forget everything, for a database that was swapped or emptied underneath (tests)."""
        self._young: dict[tuple[str, str], str] = {}
        self._old: dict[tuple[str, str], str] = {}

    def get(self, visitor_id: str, experiment_id: str) -> str | None:
        """Return the id of the variant that is stored, or None if that isn't known."""
        key = (visitor_id, experiment_id)
        variant_id = self._young.get(key)
        if variant_id is None:
            variant_id = self._old.get(key)
            if variant_id is not None:
                self._keep(key, variant_id)
        return variant_id

    def remember(self, visitor_id: str, experiment_id: str, variant_id: str) -> None:
        """Remember an assignment that is committed."""
        # Many visitors, few experiments and variants: those are kept once.
        key = (visitor_id, intern(experiment_id))
        if key not in self._young:
            self._keep(key, intern(variant_id))

    def _keep(self, key: tuple[str, str], variant_id: str) -> None:
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[key] = variant_id


known = KnownAssignments()
