"""Writes simulated traffic into an experiment of its own, several chunks at a time."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from experiments import services
from experiments.lifecycle import Transition
from experiments.models import Experiment
from experiments.services import VariantDraft
from metrics import partitions
from metrics.traffic import store
from metrics.traffic.visits import Chunk, Traffic, chunks_of, copied_rows

# Events in one transaction. What a chunk takes in PostgreSQL's memory is the most that is needed.
CHUNK_EVENTS = 250_000
# Chunks that are written at the same time.
WORKERS = min(4, os.cpu_count() or 1)
VARIANTS = (VariantDraft(name="control", weight=50), VariantDraft(name="treatment", weight=50))


class AlreadySimulated(Exception):
    """There is an experiment with this very traffic; the message says which."""


@transaction.atomic
def prepare(*, events: int, start: datetime, days: int, seed: int) -> Traffic:
    """Make an experiment for the traffic. It changes no content, and takes no real visitor.

    Equal arguments, but for `start`, are the same traffic, and there once. Raises AlreadySimulated,
    and MonthPruned where raw events of such days are no longer kept.
    """
    rng = random.Random(f"simulated traffic: {events} events, {days} days, {seed}")  # noqa: S311
    experiment_id = UUID(int=rng.getrandbits(128), version=4)
    existing = Experiment.objects.filter(pk=experiment_id).first()
    if existing is not None:
        raise AlreadySimulated(f"“{existing.name}” is there already ({existing.id}).")
    partitions.ensure_months(_months_of(start, days))
    experiment = services.create_experiment(
        name=f"Simulated traffic, {events:,} events (seed {seed})",
        description=f"Simulated visitors over {days} days; no real one takes part.",
        variants=VARIANTS,
        experiment_id=experiment_id,
    )
    # Paused before anybody has seen it active, so that it enrols nobody else.
    for transition in (Transition.START, Transition.PAUSE):
        services.transition_experiment(experiment_id=experiment_id, transition=transition)
    # The simulated past is the experiment's own.
    Experiment.objects.filter(pk=experiment_id).update(started_at=start)
    experiment.phases.update(started_at=start)
    return Traffic(
        experiment_id=experiment_id,
        variant_ids=tuple(variant.id for variant in experiment.variants.all()),
        traffic_split=tuple(draft.weight for draft in VARIANTS),
        start=start,
        days=days,
        events=events,
    )


def load(traffic: Traffic, *, chunk_events: int = CHUNK_EVENTS) -> Iterator[int]:
    """Write the traffic, and yield how many events have come so far after each chunk.

    Each chunk is one transaction, kept and counted or not at all: whatever ends this early, the
    counts are right. Raises Django's database errors.
    """
    done = 0
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="traffic") as pool:
        chunks = chunks_of(traffic.events, chunk_events)
        writing = {pool.submit(_write, traffic, chunk): chunk for chunk in chunks}
        try:
            for written in as_completed(writing):
                written.result()
                done += writing[written].events
                yield done
        finally:
            pool.shutdown(cancel_futures=True)
    store.analyze(_months_of(traffic.start, traffic.days))


def _months_of(start: datetime, days: int) -> Iterator[date]:
    # An evening's last visit may end on the next day.
    return partitions.months_between(start.date(), (start + timedelta(days=days)).date())


def _write(traffic: Traffic, chunk: Chunk) -> None:
    try:
        # Chunks that are under way together raise counters in rows of their own, as processes do.
        store.write(copied_rows(traffic, chunk), slot=chunk.number % WORKERS)
    finally:
        connection.close()
