from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from experiments.tests.factories import ExperimentFactory
from experiments.tests.test_enrolment_races import at_once
from metrics import counts, partitions, recount
from metrics.ingest.payload import Submission
from metrics.ingest.record import record
from metrics.kinds import EXPOSURE
from metrics.models import Event, PrunedMonth
from metrics.tests.factories import assigned_visitor, event_of, record_one
from metrics.tests.months import another_session, moment_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("only_usual_months")]

FAR = date(2031, 4, 1)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "_LOCK_MILLISECONDS", 200)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 1, 31), date(2026, 1, 31), ["2026-01"]),
        (date(2026, 11, 30), date(2027, 2, 1), ["2026-11", "2026-12", "2027-01", "2027-02"]),
        (date(2026, 3, 2), date(2026, 3, 1), ["2026-03"]),
        (date(2026, 4, 1), date(2026, 3, 31), []),
    ],
)
def test_months_between_two_days(first: date, last: date, expected: list[str]) -> None:
    assert [f"{m:%Y-%m}" for m in partitions.months_between(first, last)] == expected


def test_ensure_months_makes_what_is_missing_once() -> None:
    months = [FAR, partitions.next_month(FAR)]
    assert partitions.ensure_months(months) == months
    assert partitions.ensure_months(months) == []
    assert set(months) <= set(partitions.existing_months())
    with connection.cursor() as cursor:
        # A key of its own, part of the parent's, or an id would be unique nowhere.
        cursor.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'metrics_event_pkey'::regclass "
            "AND inhrelid = 'metrics_event_203104_pkey'::regclass"
        )
        assert cursor.fetchone() == (1,)


def test_ensure_partitions_command_makes_the_asked_months(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("ensure_partitions", months=4)
    assert capsys.readouterr().out.count("Partition metrics_event_") == 3
    call_command("ensure_partitions", "--months", "4")
    assert capsys.readouterr().out == "All partitions are there.\n"
    this_month = partitions.month_of(datetime.now(UTC).date())
    last = this_month
    for _ in range(4):
        last = partitions.next_month(last)
    assert partitions.existing_months() == list(partitions.months_between(this_month, last))


@pytest.mark.parametrize("months", [-1, 121])
def test_ensure_partitions_command_refuses_a_silly_number(months: int) -> None:
    with pytest.raises(CommandError, match="between 0 and 120"):
        call_command("ensure_partitions", months=months)


def test_ensure_months_of_a_pruned_month_is_refused_with_a_sentence() -> None:
    PrunedMonth.objects.create(month=FAR, events=3)
    with pytest.raises(partitions.MonthPruned, match="2031-04 were pruned"):
        partitions.ensure_months([FAR])


def test_ensure_months_waits_for_no_writer_and_no_reader(impatient: None) -> None:
    """A transaction that has written events, and one that has read them, are left open."""
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    with another_session() as run:
        run(
            "INSERT INTO metrics_event SELECT %s, gen_random_uuid(), %s, %s, now(), "
            "date_trunc('month', now())::date, 'click', '{}'",
            [visitor, experiment.id, variant],
        )
        run("SELECT count(*) FROM metrics_event")
        assert partitions.ensure_months([FAR]) == [FAR]


def test_ensure_months_lets_ingest_go_on_before_it_commits() -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    event = event_of(experiment, visitor, variant)
    attached, recorded = threading.Barrier(2), threading.Barrier(2)

    def act(n: int) -> float:
        if n == 0:
            with transaction.atomic():
                partitions.ensure_months([FAR])
                attached.wait(timeout=10)
                recorded.wait(timeout=10)
            return 0.0
        attached.wait(timeout=10)
        began = time.monotonic()
        record_one(event)
        recorded.wait(timeout=10)
        return time.monotonic() - began

    assert max(at_once(2, act)) < 5
    assert Event.objects.count() == 1


def test_ensure_months_behind_a_maintenance_command_gives_up_and_blocks_nobody(
    impatient: None,
) -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    with another_session() as run:
        run("LOCK TABLE metrics_event IN SHARE UPDATE EXCLUSIVE MODE")  # what ANALYZE takes
        with pytest.raises(OperationalError, match="lock timeout"):
            partitions.ensure_months([FAR])
        with pytest.raises(CommandError, match="No partition was made"):
            call_command("ensure_partitions", months=4)
        assert record_one(event_of(experiment, visitor, variant)).reason is None
    assert partitions.ensure_months([FAR]) == [FAR]


def test_record_at_a_months_turn_by_threads_makes_one_partition_and_loses_nothing() -> None:
    experiment = ExperimentFactory()
    threads, each = 8, 5
    people = [assigned_visitor(experiment) for _ in range(threads * each)]

    def act(n: int) -> int:
        moment = moment_in(FAR, day=1, hour=0) + timedelta(milliseconds=n)
        events = [
            event_of(experiment, visitor, variant, moment=moment)
            for visitor, variant in people[n * each : (n + 1) * each]
        ]
        return sum(w.reason is None for w in record([Submission((e,)) for e in events]))

    assert sum(at_once(threads, act)) == len(people)
    assert FAR in partitions.existing_months()
    assert sum(t[EXPOSURE].events for t in counts.totals_for(experiment.id).values()) == len(people)
    assert recount.differences() == []
