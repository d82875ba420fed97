"""A process that records calls from eight threads at once, and tells what became of each.

`python -m tests.recorder FILE` reads a plan (one line of JSON, a list of stages, each a list of
calls; see `Planned`) and says "ready". For each stage it waits for a line, records, and says
"done". In the end it leaves a list of outcomes in the file.
"""

from __future__ import annotations

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

import django

THREADS = 8


class Planned(TypedDict):
    """One event of a planned call; `variant` is None for the one that the server says is theirs.

    `moment` is None for the moment of its commit.
    """

    visitor: str
    experiment: str
    variant: str | None
    type: str
    id: str
    moment: str | None
    metadata: str


class Outcome(TypedDict):
    """What a call's client was told: refused for a reason, or when each event was created."""

    ids: list[str]
    reason: str | None
    created_at: list[str]


def main() -> None:
    django.setup()
    from experiments.keeper import keeper
    from metrics.ingest import store

    # Groups here are small: let those of both kinds take both ways all the same.
    store.WORTH_A_STATEMENT = 3
    stages: list[list[list[Planned]]] = json.loads(sys.stdin.readline())
    # As in a web process: one thread keeps the configuration fresh.
    keeper.start()
    _tell("ready")
    outcomes: list[Outcome] = []
    for calls in stages:
        sys.stdin.readline()
        with ThreadPoolExecutor(THREADS) as threads:
            for told in threads.map(_record_all, [calls[n::THREADS] for n in range(THREADS)]):
                outcomes += told
        _tell("done")
    keeper.stop()
    Path(sys.argv[1]).write_text(json.dumps(outcomes))


def _tell(word: str) -> None:
    print(word, flush=True)  # noqa: T201  (the parent reads it)


def _record_all(calls: list[list[Planned]]) -> list[Outcome]:
    """Record calls in groups of a random size, as a writer finds them."""
    from django.db import connection

    rng = random.Random(len(calls))
    outcomes = []
    while calls:
        size = rng.randrange(1, 8)
        group, calls = calls[:size], calls[size:]
        outcomes += _record(group)
    connection.close()
    return outcomes


def _record(group: list[list[Planned]]) -> list[Outcome]:
    from django.db import OperationalError

    from metrics.ingest.payload import Submission
    from metrics.ingest.record import record

    submissions = [
        Submission(tuple(_incoming(event) for event in call), is_batch=len(call) > 1)
        for call in group
    ]
    while True:
        try:
            written = record(submissions)
        except OperationalError:
            # What its clients were told is a 503. They come again.
            continue
        break
    return [
        {
            "ids": [event.id for event in submission.events],
            "reason": outcome.reason,
            "created_at": [moment.isoformat() for moment in outcome.created_at],
        }
        for submission, outcome in zip(submissions, written, strict=True)
    ]


def _incoming(event: Planned) -> Any:
    from experiments.event_types import EventType
    from metrics.ingest.payload import Incoming

    return Incoming(
        event["visitor"],
        event["experiment"],
        event["variant"] or _own_variant(event),
        EventType(event["type"]),
        event["id"],
        event["metadata"],
        datetime.fromisoformat(event["moment"]) if event["moment"] else None,
    )


def _own_variant(event: Planned) -> str:
    """Ask as the page does; who is enrolled nowhere reports for the control."""
    from experiments.assignment import Wish, assign
    from experiments.keeper import keeper
    from experiments.snapshot import VariantView

    [outcome] = assign([Wish(event["visitor"], event["experiment"])])
    if isinstance(outcome, VariantView):
        return outcome.id
    return keeper.current().experiments[event["experiment"]].variants[0].id


if __name__ == "__main__":
    main()
