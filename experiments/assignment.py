"""Which variant a visitor has: the stored decision, or the computed one, stored now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import OperationalError, connection

from experiments import store
from experiments.grouping import QueueFull
from experiments.keeper import keeper
from experiments.known import known
from experiments.snapshot import Snapshot, VariantView
from experiments.statements import Steps, take

# A configuration that changes this often within one call is not a race but a fault.
MAX_ATTEMPTS = 5


class Refusal(StrEnum):
    """Why a visitor got no variant."""

    UNKNOWN_EXPERIMENT = "unknown_experiment"
    NO_VARIANTS = "no_variants"
    ENROLS_NOBODY = "enrols_nobody"


@dataclass(frozen=True, slots=True)
class Wish:
    """A visitor who wants to know the variant in an experiment. Ids are lower-case UUID strings.

    `moment` backdates the assignment, for simulated visitors; None is now.
    """

    visitor_id: str
    experiment_id: str
    moment: datetime | None = None


Outcome = VariantView | Refusal


def assign(wishes: Sequence[Wish]) -> list[Outcome]:
    """Answer each wish, in order, by one statement for all. What is stored wins.

    Where all are known to be stored, there is no statement. Raises Django's database errors;
    nothing is then stored.
    """
    snapshot = keeper.current()
    for _ in range(MAX_ATTEMPTS):
        # What is stored within a transaction may yet be taken back.
        is_for_good = not connection.in_atomic_block
        outcomes = take(_assign(wishes, snapshot, is_for_good=is_for_good))
        if outcomes is not None:
            return outcomes
        snapshot = keeper.refresh()
    raise OperationalError("The configuration changed faster than it could be read.")


def assign_if_current(wishes: Sequence[Wish]) -> Steps[list[Outcome] | None]:
    """As `assign`, step by step; None, with nothing stored, if the configuration has changed."""
    return (yield from _assign(wishes, keeper.current(), is_for_good=True))


def _assign(
    wishes: Sequence[Wish], snapshot: Snapshot, *, is_for_good: bool
) -> Steps[list[Outcome] | None]:
    """Assign on this snapshot; None comes of it, with nothing stored, if it isn't current."""
    standings = known.under(snapshot.version)
    assigned = {
        (wish.visitor_id, wish.experiment_id): standing.variant_id
        for wish in wishes
        if (standing := standings.get(wish.visitor_id, wish.experiment_id)) is not None
    }
    unknown = [w for w in wishes if (w.visitor_id, w.experiment_id) not in assigned]
    if unknown:
        enrolments = [_enrolment(wish, snapshot) for wish in unknown]
        is_current, stored = yield from store.enrol(enrolments, snapshot.version)
        if not is_current:
            return None
        for (visitor_id, experiment_id), (variant_id, phase) in stored.items():
            assigned[visitor_id, experiment_id] = variant_id
            if is_for_good:
                standings.remember(visitor_id, experiment_id, variant_id, phase)
    return [_outcome(wish, snapshot, assigned) for wish in wishes]


class SharedCommits:
    """Assigns, in one commit with what others ask for at the same moment, where a process can.

    `through` is what a process that serves has for it: as `assign`, and it raises QueueFull.
    """

    def __init__(self) -> None:
        self.through: Callable[[Sequence[Wish]], list[Outcome]] | None = None

    def assign(self, wishes: Sequence[Wish]) -> list[Outcome]:
        """As `assign`."""
        standings = known.latest
        is_known = all(standings.get(w.visitor_id, w.experiment_id) is not None for w in wishes)
        if self.through is None or is_known:
            return assign(wishes)
        try:
            return self.through(wishes)
        except QueueFull:
            raise OperationalError("More is arriving than can be stored.") from None


shared_commits = SharedCommits()


def _enrolment(wish: Wish, snapshot: Snapshot) -> store.Enrolment:
    experiment = snapshot.experiments.get(wish.experiment_id)
    if experiment is None or not experiment.enrols:
        return store.Enrolment(wish.visitor_id, wish.experiment_id, None)
    computed = experiment.variant_for(wish.visitor_id).id
    return store.Enrolment(
        wish.visitor_id, wish.experiment_id, computed, experiment.phase, wish.moment
    )


def _outcome(wish: Wish, snapshot: Snapshot, assigned: dict[tuple[str, str], str]) -> Outcome:
    experiment = snapshot.experiments.get(wish.experiment_id)
    if experiment is None:
        return Refusal.UNKNOWN_EXPERIMENT
    if not experiment.variants:
        return Refusal.NO_VARIANTS
    variant_id = assigned.get((wish.visitor_id, wish.experiment_id))
    if variant_id is None:
        return Refusal.ENROLS_NOBODY
    return experiment.variants_by_id[variant_id]
