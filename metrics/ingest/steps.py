"""The rules that an event must meet before it is kept, in order; each refusal has a reason."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from experiments.lifecycle import Status
from experiments.snapshot import Snapshot
from metrics.ingest.payload import Incoming


class Reason(StrEnum):
    """Why an event was refused."""

    UNKNOWN_EXPERIMENT = "unknown_experiment"
    NOT_STARTED = "not_started"
    COMPLETED = "completed"
    FOREIGN_VARIANT = "foreign_variant"
    ENROLS_NOBODY = "enrols_nobody"
    NOT_THE_VISITORS_OWN = "not_the_visitors_own"
    ID_REUSED = "id_reused"


Step = Callable[[Incoming, Snapshot], Reason | None]


def experiment_exists(event: Incoming, snapshot: Snapshot) -> Reason | None:
    return None if event.experiment_id in snapshot.experiments else Reason.UNKNOWN_EXPERIMENT


def variant_belongs(event: Incoming, snapshot: Snapshot) -> Reason | None:
    variants = snapshot.experiments[event.experiment_id].variants_by_id
    return None if event.variant_id in variants else Reason.FOREIGN_VARIANT


def experiment_counts(event: Incoming, snapshot: Snapshot) -> Reason | None:
    status = snapshot.experiments[event.experiment_id].status
    if status == Status.DRAFT:
        return Reason.NOT_STARTED
    return Reason.COMPLETED if status == Status.COMPLETED else None


# What the configuration decides. Whether the variant is the visitor's own, and the id unused, the
# counting statement decides by what is stored.
STEPS: tuple[Step, ...] = (experiment_exists, variant_belongs, experiment_counts)


def judge(event: Incoming, snapshot: Snapshot) -> Reason | None:
    """Return the first reason against an event, or None if the configuration allows it."""
    for step in STEPS:
        reason = step(event, snapshot)
        if reason is not None:
            return reason
    return None
