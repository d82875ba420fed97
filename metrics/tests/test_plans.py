"""Hot statements never read a table that grows from end to end, whether it is empty or full."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from experiments import store
from experiments.models import Experiment, Variant
from experiments.selectors import experiments_newest_first
from experiments.store import ENROL
from experiments.tests.factories import ExperimentFactory
from metrics import counts, leads, partitions, phase_counts
from metrics.ingest.general import WITH_SUMS, WITHOUT_SUMS
from metrics.ingest.plain import PLAIN, STANDINGS
from metrics.models import DailyCount, Event
from metrics.sql import statement
from metrics.tests.factories import assigned_visitor, event_of, record_one
from metrics.tests.filling import FILL, FILL_CONFIGURATION
from metrics.tests.plans import GROWING, Access, astray, generic_plan, plan_of

pytestmark = pytest.mark.django_db

MONTHS = [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]
EXPERIMENT = UUID(int=7)


def run(*statements: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        for one in statements:
            cursor.execute(one, values or None)


@pytest.fixture
def empty_tables() -> None:
    """Three months, as `migrate` leaves them: without a row, and never analyzed."""
    partitions.ensure_months(MONTHS)
    # What ANALYZE finds in a test outlives its transaction; an emptied table knows nothing.
    run(f"TRUNCATE {', '.join(GROWING)}")


@pytest.fixture
def analyzed_empty_tables(empty_tables: None) -> None:
    """As a command for the whole database leaves them, before the first event comes."""
    run("ANALYZE")


@pytest.fixture
def filled_tables(empty_tables: None) -> None:
    """Rows in two of three months, as autovacuum leaves them; the month to come is still empty."""
    for month in MONTHS[:2]:
        for part in FILL.split(";\n")[:-1]:
            run(part, experiment=EXPERIMENT, month=month)
    run(*FILL_CONFIGURATION.split(";\n")[:-1])
    tables = ["metrics_firstoccurrence", "metrics_dailycount", "metrics_dailysum"]
    tables.append("experiments_assignment")
    months = [partitions.partition_name(month) for month in MONTHS[:2]]
    run(f"ANALYZE {', '.join([*tables, *months])}")
    run("ANALYZE experiments_experiment, experiments_variant, metrics_lead")


def tables_read(accesses: list[Access]) -> set[str]:
    return {access.family for access in accesses}


@pytest.mark.parametrize("state", ["empty_tables", "filled_tables"])
@pytest.mark.parametrize("text", [WITHOUT_SUMS, WITH_SUMS], ids=["without sums", "with sums"])
def test_counting_statement_looks_everything_up_by_its_key(
    text: str, state: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(state)
    accesses = generic_plan(text)
    assert astray(accesses) == []
    assert {"experiments_assignment", "metrics_event"} <= tables_read(accesses)
    keys = {a.index: a.condition for a in accesses}
    for month in MONTHS:
        # In each month by both columns: not every event of the visitor.
        condition = keys[f"{partitions.partition_name(month)}_pkey"]
        assert "visitor_id =" in condition
        assert "id = " in condition.replace("visitor_id = ", "")
    assert "experiment_id =" in keys["experiments_assignment_pkey"]


@pytest.mark.parametrize("state", ["empty_tables", "filled_tables"])
def test_short_way_looks_everything_up_by_its_key(
    state: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(state)
    accesses = generic_plan(PLAIN)
    assert astray(accesses) == []
    assert tables_read(accesses) == {"experiments_config_version", "metrics_event"}
    conditions = [a.condition for a in accesses if a.family == "metrics_event"]
    assert len(conditions) >= len(MONTHS)
    # By both columns: not every event of the visitor.
    assert all("visitor_id =" in c and "(id =" in c for c in conditions)
    [strangers] = generic_plan(STANDINGS)
    assert strangers.index == "experiments_assignment_pkey"
    assert "visitor_id =" in strangers.condition
    assert "experiment_id =" in strangers.condition


@pytest.mark.parametrize("state", ["empty_tables", "filled_tables", "analyzed_empty_tables"])
def test_enrolment_looks_assignments_up_by_their_key(
    state: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(state)
    accesses = generic_plan(ENROL)
    assert astray(accesses) == []
    assert [a.index for a in accesses if a.table == "experiments_assignment"] == [
        "experiments_assignment_pkey"
    ]


@pytest.mark.django_db(transaction=True)
def test_hot_statements_are_planned_once_for_a_connection() -> None:
    experiment = ExperimentFactory()
    connection.close()
    for _ in range(12):
        record_one(event_of(experiment, *assigned_visitor(experiment)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements "
            "WHERE statement LIKE '%fence%'"
        )
        # Twelve enrolments and as many countings; none of them by a plan of its own.
        assert cursor.fetchone() == (24, 0)


def captured(read: Any) -> QuerySet[Any, Any]:
    """Return the query of the daily counts that a function sends."""
    sent: list[QuerySet[Any, Any]] = []
    iterate = QuerySet.__iter__

    def remember(rows: QuerySet[Any, Any]) -> Any:
        sent.append(rows)
        return iterate(rows)

    with patch.object(QuerySet, "__iter__", remember):
        read()
    [rows] = [rows for rows in sent if rows.model in (DailyCount, Event)]
    return rows


@pytest.mark.parametrize("state", ["empty_tables", "filled_tables"])
@pytest.mark.parametrize(
    "read",
    [
        lambda: counts.totals_for(EXPERIMENT),
        lambda: counts.visitors_by_experiment([EXPERIMENT, UUID(int=8)]),
        lambda: phase_counts.days_of(EXPERIMENT, 1, ["conversion"]),
    ],
    ids=[
        *("totals_for", "visitors_by_experiment"),
        "days_of",
    ],
)
def test_results_are_read_by_the_experiments_key(
    read: Any, state: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(state)
    accesses = plan_of(captured(read))
    assert astray(accesses) == []
    assert all("experiment_id" in access.condition for access in accesses)
    assert "metrics_dailycount" in tables_read(accesses)


@pytest.mark.parametrize("state", ["empty_tables", "filled_tables"])
@pytest.mark.parametrize(
    ("text", "table"),
    [
        (statement("phase_counts"), "metrics_dailycount"),
        (statement("phase_sums"), "metrics_dailysum"),
    ],
)
def test_counts_of_phases_are_read_by_the_experiments_key(
    text: str, table: str, state: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(state)
    accesses = generic_plan(text)
    assert astray(accesses) == []
    assert tables_read(accesses) == {table}


@pytest.mark.parametrize(
    "text", [store.EXPERIMENT, store.VALID_BY_PREFIX, statement("planned_looks")]
)
def test_what_results_ask_besides_is_found_by_keys(text: str, filled_tables: None) -> None:
    accesses = generic_plan(text)
    assert accesses
    assert [access for access in accesses if not access.condition] == []


def test_an_event_is_looked_up_by_its_key_in_every_month(filled_tables: None) -> None:
    accesses = plan_of(Event.objects.filter(visitor_id=UUID(int=1), id=UUID(int=2)))
    assert astray(accesses) == []
    assert {partitions.partition_name(month) for month in MONTHS} <= {a.table for a in accesses}


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 4, 3), date(2026, 4, 9), [1]),
        (date(2026, 3, 31), date(2026, 4, 1), [0, 1]),
        (date(2026, 4, 1), date(2026, 5, 31), [1, 2]),
        (None, date(2026, 3, 31), [0]),
    ],
)
def test_a_range_of_days_reads_its_own_months_only(
    filled_tables: None, first: date | None, last: date, months: list[int]
) -> None:
    rows = captured(lambda: counts.totals_between(EXPERIMENT, first, last))
    assert {a.table for a in plan_of(rows)} == {
        partitions.partition_name(MONTHS[n]) for n in months
    }


def test_a_range_of_days_reads_its_months_stretch_by_stretch(filled_tables: None) -> None:
    """Not by the key, entry by entry: most of a month is of the experiment that is asked for."""
    run("SET LOCAL enable_seqscan = on")
    rows = captured(lambda: counts.totals_between(EXPERIMENT, date(2026, 4, 3), date(2026, 4, 9)))
    [access] = plan_of(rows)
    assert access.node in ("Seq Scan", "Bitmap Heap Scan")
    assert access.node == "Seq Scan" or "created_at >=" in access.condition


def test_lists_newest_first_come_in_their_indexes_order(filled_tables: None) -> None:
    [experiments] = plan_of(experiments_newest_first())
    assert experiments.index == "experiment_newest_first"
    [page] = plan_of(leads.leads_newest_first()[:50])
    assert page.index == "lead_newest_first"


@pytest.mark.parametrize("part", ["", "7@"])
def test_a_page_of_leads_far_back_is_found_by_its_place(filled_tables: None, part: str) -> None:
    place = (timezone.now() - timedelta(days=7), 5)
    [page] = plan_of(leads.leads_newest_first(part).filter(leads._beyond("lt", *place))[:51])
    assert page.index == "lead_newest_first"
    assert "created_at <=" in page.condition


def test_variants_of_a_page_of_experiments_are_found_by_their_index(filled_tables: None) -> None:
    experiments = list(Experiment.objects.all()[:20])
    [access] = plan_of(Variant.objects.filter(experiment__in=experiments))
    assert "experiment_id" in access.condition


def test_a_lost_index_is_noticed(filled_tables: None) -> None:
    run("ALTER TABLE metrics_dailycount DROP CONSTRAINT metrics_dailycount_pkey")
    [lost] = astray(plan_of(captured(lambda: counts.totals_for(EXPERIMENT))))
    assert lost.node == "Seq Scan"


def test_half_a_key_is_noticed(filled_tables: None) -> None:
    assert astray(plan_of(DailyCount.objects.filter(day=MONTHS[0])))
    assert astray(plan_of(Event.objects.filter(id=UUID(int=2))))
