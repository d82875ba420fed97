"""Hand-written SQL of simulated traffic: a chunk of events is copied, kept and counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import psycopg
from django.db import connection

from experiments import store
from metrics import recount
from metrics.partitions import partition_name
from metrics.store import hold_goals

# The raw rows as they were copied, gone with the transaction.
_STAGE = "CREATE TEMPORARY TABLE simulated_event (LIKE metrics_event) ON COMMIT DROP"
_COPY = "COPY simulated_event FROM STDIN (FORMAT binary)"
# The visitors are the simulation's own, so that nothing of theirs can be there already. In key
# order, for the index's sake.
_ASSIGN = """
INSERT INTO experiments_assignment (visitor_id, experiment_id, variant_id, assigned_at)
SELECT visitor_id, experiment_id, variant_id, min(created_at)
FROM simulated_event GROUP BY visitor_id, experiment_id, variant_id
ORDER BY visitor_id, experiment_id
"""
_KEEP = "INSERT INTO metrics_event SELECT * FROM simulated_event ORDER BY visitor_id, id"
_GREW = ("metrics_firstoccurrence", "metrics_dailycount", "experiments_assignment")


def write(rows: Iterable[bytes], *, slot: int) -> None:
    """Keep and count a chunk of events, given in COPY's binary form, in one transaction."""
    with store.reading_whole_tables(), connection.wrap_database_errors:
        # Sorting a chunk in memory; a disk's worth of it for each process would be slower.
        store.run("SET LOCAL work_mem = '64MB'", {})
        # What it counts towards stays as it is until that is committed (metrics.goals.backfill).
        hold_goals()
        store.run(_STAGE, {})
        with psycopg.Cursor(connection.connection) as cursor, cursor.copy(_COPY) as copy:
            for block in rows:
                copy.write(block)
        store.run(_ASSIGN, {})
        store.run(_KEEP, {})
        recount.count_events("simulated_event", slot=slot)


# Where a month's rows were written at once, nobody has summed up yet which moments lie where.
_SUM_UP = """
SELECT brin_summarize_new_values(indexrelid) FROM pg_index
JOIN pg_class AS i ON i.oid = indexrelid JOIN pg_am AS a ON a.oid = i.relam
WHERE a.amname = 'brin' AND indrelid = to_regclass(%(partition)s)
"""


def analyze(months: Iterable[date]) -> None:
    """Let the planner know how much there is now; autovacuum would come to it in a minute.

    Only what was written: of a month to come, the planner had better know nothing than that it is
    empty.
    """
    partitions = [partition_name(month) for month in months]
    store.run(f"ANALYZE {', '.join([*_GREW, *partitions])}", {})
    for partition in partitions:
        store.run(_SUM_UP, {"partition": partition})
