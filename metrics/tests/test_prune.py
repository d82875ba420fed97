from __future__ import annotations

import re
import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from experiments.models import Experiment
from metrics import counts, partitions, pruning, recount
from metrics.models import Event, EventClaim, FirstOccurrence, PrunedMonth
from metrics.tests.factories import assigned_visitor, event_of, new_id, record_one
from metrics.tests.months import another_session, moment_in
from metrics.tests.pruned import NEXT, OLD, prune, results

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("only_usual_months")]


def test_prune_drops_old_months_and_leaves_every_result(
    two_months: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    before, totals = results(), counts.totals_for(two_months.id)
    prune()
    assert re.search(
        r"Dropped metrics_event_202601: 2 events, \d+\.0 KB\.", capsys.readouterr().out
    )
    assert [e.month for e in Event.objects.all()] == [NEXT, NEXT]
    assert OLD not in partitions.existing_months()
    assert partitions.size_of(OLD) == 0
    assert results() == before
    assert counts.totals_for(two_months.id) == totals
    [pruned] = PrunedMonth.objects.all()
    assert (pruned.month, pruned.events) == (OLD, 2)


def test_prune_dry_run_says_the_same_and_changes_nothing(
    two_months: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("prune_events", "--older-than", "90d", "--dry-run")
    printed = capsys.readouterr().out
    assert "Would drop metrics_event_202601: 2 events" in printed
    assert "Would drop metrics_event_202602: 2 events" in printed
    assert Event.objects.count() == 4
    assert not PrunedMonth.objects.exists()


def test_prune_keeps_a_month_as_long_as_one_of_its_events_may_be_younger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partitions.ensure_months([OLD])
    turn = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(days=90)
    monkeypatch.setattr(timezone, "now", lambda: turn - timedelta(microseconds=1))
    assert pruning.months_older_than(timedelta(days=90)) == []
    monkeypatch.setattr(timezone, "now", lambda: turn)
    assert [old.month for old in pruning.months_older_than(timedelta(days=90))] == [OLD]


@pytest.mark.parametrize("age", ["90 d", "-1d", "0d", "3m", "", "999999d"])
def test_prune_refuses_an_age_that_is_none_or_too_young(age: str) -> None:
    with pytest.raises(CommandError, match=r"number of days|at least"):
        call_command("prune_events", f"--older-than={age}")


def test_prune_again_finds_nothing_to_drop(
    two_months: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    prune()
    capsys.readouterr()
    prune()
    assert capsys.readouterr().out == "No month's events are all so old.\n"


def test_prune_deletes_old_claims_and_keeps_those_of_today() -> None:
    for age in (timedelta(0), timedelta(days=2)):
        EventClaim.objects.create(visitor_id=new_id(), id=new_id(), claimed_at=timezone.now() - age)
    prune()
    [claim] = EventClaim.objects.all()
    assert timezone.now() - claim.claimed_at < timedelta(hours=1)


def test_record_after_a_prune_counts_a_known_visitor_no_second_time(two_months: Experiment) -> None:
    prune()
    [first] = {f.visitor_id for f in FirstOccurrence.objects.all()} - {
        e.visitor_id for e in Event.objects.all()
    }
    variant = str(two_months.variants.get(position=0).id)
    record_one(event_of(two_months, str(first), variant, moment=moment_in(NEXT, 20)))
    [tallies] = counts.totals_for(two_months.id).values()
    assert tallies["exposure"] == (5, 2)
    assert recount.differences() == []


def test_record_into_a_pruned_month_is_refused(two_months: Experiment) -> None:
    prune()
    visitor, variant = assigned_visitor(two_months)
    with pytest.raises(partitions.MonthPruned):
        record_one(event_of(two_months, visitor, variant, moment=moment_in(OLD)))


def test_rebuild_keeps_a_prune_waiting(two_months: Experiment) -> None:
    """Or it would delete a month's counts first, and then find the month's events gone."""
    with another_session() as run:
        run("LOCK TABLE metrics_prunedmonth IN SHARE MODE")
        pruning_ended = threading.Event()

        def act() -> None:
            prune()
            connection.close()
            pruning_ended.set()

        thread = threading.Thread(target=act)
        thread.start()
        assert not pruning_ended.wait(timeout=0.5)
        assert OLD in partitions.existing_months()
        run("COMMIT")
    thread.join(timeout=10)
    assert OLD not in partitions.existing_months()


def test_prune_while_a_long_transaction_reads_gives_up_and_the_next_one_finishes(
    two_months: Experiment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(partitions, "_LOCK_MILLISECONDS", 100)
    monkeypatch.setattr(pruning.prune, "__kwdefaults__", {"patience": 0.3})
    visitor, variant = assigned_visitor(two_months)
    with another_session() as run:
        run("SELECT count(*) FROM metrics_event")
        with pytest.raises(CommandError, match="in use by a long transaction"):
            prune()
        # Meanwhile nobody waits, and the check knows that the month is no longer to be compared.
        began = time.monotonic()
        assert record_one(event_of(two_months, visitor, variant)).reason is None
        assert recount.differences() == []
        assert time.monotonic() - began < 2
    capsys.readouterr()
    prune()
    assert "Dropped metrics_event_202601: 2 events" in capsys.readouterr().out
    assert partitions.size_of(OLD) == 0


def test_prune_finishes_what_was_detached_and_not_dropped(two_months: Experiment) -> None:
    PrunedMonth.objects.create(month=OLD, events=2)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE metrics_event DETACH PARTITION metrics_event_202601")
    prune()
    assert partitions.size_of(OLD) == 0


def test_prune_beside_another_prune_is_told(two_months: Experiment) -> None:
    with another_session() as run:
        run("SELECT pg_advisory_lock(%s)", [partitions._DROPPING])
        with pytest.raises(CommandError, match="Another process is dropping partitions"):
            prune()
    prune()


@pytest.mark.slow
def test_prune_lets_ingest_go_on(two_months: Experiment) -> None:
    people = [assigned_visitor(two_months) for _ in range(20)]
    slowest, ended = 0.0, threading.Event()
    recorded = 0

    def ingest() -> None:
        nonlocal slowest, recorded
        while not ended.is_set():
            for visitor, variant in people:
                began = time.monotonic()
                assert record_one(event_of(two_months, visitor, variant)).reason is None
                slowest = max(slowest, time.monotonic() - began)
                recorded += 1
        connection.close()

    thread = threading.Thread(target=ingest)
    thread.start()
    for n in range(10):
        partitions.ensure_months([date(2025, n + 1, 1)])
        prune(OLD)
    ended.set()
    thread.join(timeout=10)
    assert recorded > 50
    assert slowest < 1
    assert recount.differences() == []
