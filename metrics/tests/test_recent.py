"""The events of the last minutes, and experiments from which nothing comes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from experiments.event_types import EventType
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory, variants_of
from metrics import partitions, recent
from metrics.recent import StreamFilter, recent_events, silent_since
from metrics.tests.factories import assigned_visitor, event_of, new_id, record_one
from metrics.tests.plans import plan_of
from metrics.traffic import store as traffic

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
# No other test's, and its end of what is filled in.
MONTH = date(2031, 2, 1)
END = datetime(2031, 2, 1, tzinfo=UTC) + 20_000 * 2 * MINUTE


def arrive(
    experiment: Experiment,
    ago: timedelta = timedelta(0),
    kind: EventType = EventType.PAGE_VIEW,
    visitor: str | None = None,
    metadata: str = "{}",
) -> UUID:
    """Keep an event as if it had come some time ago, and return its id."""
    event_id = new_id()
    own = assigned_visitor(experiment, visitor)
    moment = timezone.now() - ago
    written = record_one(
        event_of(experiment, *own, kind, event_id=event_id, moment=moment, metadata=metadata)
    )
    assert written.reason is None
    return UUID(event_id)


def test_newest_come_first_and_what_is_too_old_is_left_out() -> None:
    experiment = ExperimentFactory.create()
    ids = [arrive(experiment, ago) for ago in (3 * MINUTE, MINUTE, 14 * MINUTE, 16 * MINUTE)]
    stream = recent_events()
    assert [event.id for event in stream.events] == [ids[1], ids[0], ids[2]]
    assert not stream.has_more


def test_event_carries_its_names_and_its_metadata() -> None:
    experiment = ExperimentFactory.create(name="Louder", split=[100, 0])
    arrive(experiment, metadata='{"device":"phone"}')
    [event] = recent_events().events
    assert (event.experiment, event.variant) == ("Louder", variants_of(experiment)[0].name)
    assert (event.event_type, event.metadata) == ("page_view", {"device": "phone"})


def test_filters_are_told_apart_and_together() -> None:
    one, other = ExperimentFactory.create_batch(2)
    visitor = new_id()
    seen = arrive(one, visitor=visitor)
    clicked = arrive(one, kind=EventType.CTA_CLICK, visitor=visitor)
    elsewhere = arrive(other, visitor=visitor)
    arrive(one)

    def found(**wanted: Any) -> set[UUID]:
        return {event.id for event in recent_events(StreamFilter(**wanted)).events}

    assert found(visitor_id=UUID(visitor)) == {seen, clicked, elsewhere}
    assert found(visitor_id=UUID(visitor), experiment_id=one.id) == {seen, clicked}
    assert found(event_type="cta_click") == {clicked}
    assert found(experiment_id=other.id, event_type="cta_click") == set()


def test_cursor_changes_when_something_arrives_and_not_otherwise() -> None:
    experiment = ExperimentFactory.create()
    assert recent_events().cursor == recent_events().cursor
    before = recent_events().cursor
    arrive(experiment)
    after = recent_events().cursor
    assert before != after == recent_events().cursor


def test_event_committed_late_with_an_earlier_moment_is_news() -> None:
    experiment = ExperimentFactory.create()
    arrive(experiment)
    before = recent_events().cursor
    late = arrive(experiment, timedelta(seconds=2))
    stream = recent_events()
    assert stream.cursor != before
    assert stream.events[1].id == late


def test_no_more_than_a_page_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST", 2)
    experiment = ExperimentFactory.create()
    arrive(experiment)
    arrive(experiment)
    assert not recent_events().has_more
    newest = arrive(experiment)
    stream = recent_events()
    assert (len(stream.events), stream.has_more, stream.events[0].id) == (2, True, newest)


def test_last_minutes_reach_over_a_months_turn() -> None:
    experiment = ExperimentFactory.create()
    turn = datetime(2026, 5, 1, tzinfo=UTC)
    partitions.ensure_months([turn.date(), (turn - MINUTE).date().replace(day=1)])
    for moment in (turn - MINUTE, turn + MINUTE):
        visitor = assigned_visitor(experiment)
        record_one(event_of(experiment, *visitor, moment=moment))
    assert len(recent_events(now=turn + 2 * MINUTE).events) == 2


def test_silent_are_those_without_an_event_in_the_hour() -> None:
    lively, slow, silent, never = ExperimentFactory.create_batch(4)
    arrive(lively)
    arrive(slow, 55 * MINUTE)
    arrive(silent, 61 * MINUTE)
    ids = {experiment.id for experiment in (lively, slow, silent, never)}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert silent_since(ids) == {silent.id, never.id}
    # A setting, then one for each reach.
    assert len(queries) == 4
    assert silent_since([]) == set()


@pytest.fixture
def full_month() -> str:
    """The partition of a month that was filled at once, as simulated traffic leaves it."""
    partitions.ensure_months([MONTH])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO metrics_event (visitor_id, id, experiment_id, variant_id, created_at, "
            "month, event_type, metadata) SELECT gen_random_uuid(), gen_random_uuid(), %s, %s, "
            "%s::timestamptz + n * interval '2 minutes', %s, 'page_view', '{}' "
            "FROM generate_series(1, 20000) AS n",
            [UUID(int=7), UUID(int=8), MONTH, MONTH],
        )
    traffic.analyze([MONTH])
    return partitions.partition_name(MONTH)


def index_of(month: date) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_inherits "
            "ON inhrelid = indexrelid WHERE indrelid = %s::regclass "
            "AND inhparent = 'event_by_the_moment'::regclass",
            [partitions.partition_name(month)],
        )
        name: str = cursor.fetchone()[0]
        return name


def test_a_new_months_partition_has_the_index_too() -> None:
    partitions.ensure_months([MONTH])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [index_of(MONTH)]
        )
        [options] = cursor.fetchone()
    assert set(options) == {"pages_per_range=64"}


FILTERS = {
    "all": StreamFilter(),
    "an experiment's": StreamFilter(experiment_id=UUID(int=7)),
    "a type's": StreamFilter(event_type="click"),
}


def test_last_minutes_are_found_by_their_moment(full_month: str) -> None:
    for name, wanted in FILTERS.items():
        rows: QuerySet[Any, Any] = recent._between(END - recent.REACH, END, wanted)
        [access] = [a for a in plan_of(rows) if a.table == full_month]
        assert access.node == "Bitmap Heap Scan", name
        assert "created_at >=" in access.condition, name


def test_a_visitors_last_minutes_are_found_by_the_visitor(full_month: str) -> None:
    rows = recent._between(END - recent.REACH, END, StreamFilter(visitor_id=UUID(int=1)))
    [access] = [a for a in plan_of(rows) if a.table == full_month]
    assert "visitor_id =" in access.condition


def test_last_minutes_of_a_full_month_read_a_small_part_of_it(full_month: str) -> None:
    plan = recent._between(END - recent.REACH, END, StreamFilter()).explain(analyze=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s) / 8192", [full_month])
        [pages] = cursor.fetchone()
    assert 0 < int(plan.split("lossy=")[1].split()[0]) * 4 < pages
