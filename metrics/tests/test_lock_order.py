"""All statements that count write the tables in one order, so none wait for each other in a circle.

Each is held up at one table. What comes before it must be written by then, what comes after not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from experiments.event_types import EventType
from experiments.goal_drafts import GoalDraft
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from metrics import recount
from metrics.goals import add_goal
from metrics.ingest.payload import Incoming
from metrics.models import DailyCount
from metrics.tests.factories import assigned_visitor, event_of, record_one

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20
SUM = GoalDraft(name="Value", event_types=("click",), measure="sum", value_key="value")


@pytest.fixture
def experiment() -> Experiment:
    made: Experiment = ExperimentFactory.create(split=[50, 50])
    add_goal(experiment_id=made.id, draft=SUM)
    return made


def connect() -> psycopg.Connection:
    return psycopg.connect(**connection.get_connection_params())


def value_of(experiment: Experiment, visitor: tuple[str, str], value: int) -> Incoming:
    metadata = f'{{"value": {value}}}'
    return event_of(experiment, *visitor, EventType.CLICK, metadata=metadata)


@contextmanager
def held_up_at(table: str, act: Callable[[], object]) -> Iterator[None]:
    """Act in a thread, and wait until it waits for a row of a table; then let it go on."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    with connect() as holder:
        holder.execute(f"SELECT FROM {table} FOR UPDATE")
        thread = threading.Thread(target=run)
        thread.start()
        deadline = time.monotonic() + PATIENCE
        while not _is_somebody_waiting():
            assert time.monotonic() < deadline
            assert thread.is_alive(), failures
            time.sleep(0.01)
        yield
        holder.rollback()
        thread.join(PATIENCE)
    assert failures == []


def _is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def is_locked(table: str) -> bool:
    """Return whether somebody has written a row of a table that isn't committed yet."""
    try:
        with connect() as other:
            other.execute(f"SELECT FROM {table} FOR UPDATE NOWAIT")
    except psycopg.errors.LockNotAvailable:
        return True
    return False


def is_event_written(event: Incoming) -> bool:
    """Return whether an event is inserted, though not committed."""
    try:
        with connect() as other:
            other.execute("SET lock_timeout = '200ms'")
            other.execute(
                "INSERT INTO metrics_event SELECT %s, %s, experiment_id, variant_id, created_at, "
                "month, event_type, metadata FROM metrics_event LIMIT 1",
                [event.visitor_id, event.id],
            )
            other.rollback()
    except psycopg.errors.LockNotAvailable:
        return True
    return False


def test_sums_are_written_after_the_counts(experiment: Experiment) -> None:
    visitor = assigned_visitor(experiment)
    record_one(value_of(experiment, visitor, 7))
    event = value_of(experiment, visitor, 8)
    with held_up_at("metrics_dailycount", lambda: record_one(event)):
        assert is_event_written(event)
        assert not is_locked("metrics_visitortotal")
        assert not is_locked("metrics_dailysum")
    assert recount.differences() == []


def test_totals_are_written_before_the_sums_of_days(experiment: Experiment) -> None:
    visitor = assigned_visitor(experiment)
    record_one(value_of(experiment, visitor, 7))
    with held_up_at("metrics_dailysum", lambda: record_one(value_of(experiment, visitor, 8))):
        assert is_locked("metrics_dailycount")
        assert is_locked("metrics_visitortotal")
    assert recount.differences() == []


def test_plain_events_are_written_before_their_counts(experiment: Experiment) -> None:
    visitor = assigned_visitor(experiment)
    record_one(event_of(experiment, *visitor))
    event = event_of(experiment, *visitor)
    with held_up_at("metrics_dailycount", lambda: record_one(event)):
        assert is_event_written(event)
    assert recount.differences() == []


def test_goals_past_is_counted_before_it_is_summed(experiment: Experiment) -> None:
    visitor = assigned_visitor(experiment)
    record_one(value_of(experiment, visitor, 7))
    # Of the same events once more, under a kind of its own: rows that two statements could share.
    other = GoalDraft(name="Again", event_types=("click",), measure="sum", value_key="value")
    goal = add_goal(experiment_id=experiment.id, draft=other)

    slot = DailyCount.objects.values_list("slot", flat=True).get(kind=goal.kind)

    def count_again() -> None:
        recount.count_goal(goal, slot=slot)

    with held_up_at("metrics_dailycount", count_again):
        assert not is_locked("metrics_visitortotal")
        assert not is_locked("metrics_dailysum")
