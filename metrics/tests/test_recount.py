from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from experiments.event_types import EventType
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from experiments.tests.test_enrolment_races import at_once
from metrics import recount
from metrics.goals import add_goal
from metrics.ingest.payload import Incoming, Submission
from metrics.ingest.record import record
from metrics.models import DailyCount, DailySum, Event, FirstOccurrence, VisitorTotal
from metrics.results import results_for
from metrics.tests.brute_force import GOALS, METADATA, brute_force, counted
from metrics.tests.factories import assigned_visitor, event_of, record_one

MIDNIGHT = datetime(2026, 3, 31, 0, 0, tzinfo=UTC)


def random_events(rng: random.Random, experiments: list[Experiment]) -> list[Incoming]:
    """Return events of a few visitors over the turn of a month, some twice, out of order."""
    events = []
    visitors = {e.id: [assigned_visitor(e) for _ in range(8)] for e in experiments}
    for _ in range(150):
        experiment = rng.choice(experiments)
        visitor, variant = rng.choice(visitors[experiment.id])
        moment = MIDNIGHT + timedelta(minutes=rng.randrange(-600, 2400))
        event_type = rng.choice(list(EventType))
        metadata = json.dumps(rng.choice(METADATA))
        events.append(
            event_of(experiment, visitor, variant, event_type, moment=moment, metadata=metadata)
        )
    events += rng.sample(events, 60)
    rng.shuffle(events)
    return events


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(4))
def test_counts_after_random_events_from_threads_equal_a_brute_force_recount(seed: int) -> None:
    rng = random.Random(seed)
    experiments = [ExperimentFactory.create(split=split) for split in ([50, 50], [20, 30, 50])]
    for draft in GOALS:
        add_goal(experiment_id=experiments[0].id, draft=draft)
    events = random_events(rng, experiments)
    threads = 8

    def act(n: int) -> None:
        own = events[n::threads]
        while own:
            size = random.Random(n).randrange(1, 12)
            group, own = own[:size], own[size:]
            assert all(w.reason is None for w in record([Submission((e,)) for e in group]))

    at_once(threads, act)
    assert Event.objects.count() == len({event.id for event in events}) == 150
    for experiment in experiments:
        assert counted(experiment) == brute_force(experiment)
    assert recount.differences() == []

    before = {e.id: counted(e) for e in experiments}
    recount.rebuild()
    assert {e.id: counted(e) for e in experiments} == before
    assert recount.differences() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "column"), [(DailyCount, "events"), (DailyCount, "visitors")])
def test_recount_check_finds_a_count_that_was_tampered_with(
    table: type[DailyCount], column: str, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = ExperimentFactory()
    record_one(event_of(experiment, *assigned_visitor(experiment)))
    call_command("recount", "--check")
    table.objects.filter(kind="exposure").update(**{column: 5})
    with pytest.raises(SystemExit) as ended:
        call_command("recount", "--check")
    assert ended.value.code == 1
    assert "the raw events say 1, the counts 5" in capsys.readouterr().out
    call_command("recount")
    assert recount.differences() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("table", "column", "found"),
    [
        (VisitorTotal, "total", {"visitors with another total", "squares of totals"}),
        (VisitorTotal, "pruned", {"visitors with another total", "sums of pruned months"}),
        (DailySum, "total", {"sum of a day"}),
        (DailySum, "squares", {"squares of totals"}),
    ],
)
def test_recount_check_finds_a_sum_that_was_tampered_with(
    table: type[VisitorTotal | DailySum], column: str, found: set[str]
) -> None:
    experiment = ExperimentFactory.create()
    add_goal(experiment_id=experiment.id, draft=GOALS[3])
    who = assigned_visitor(experiment)
    for depth in (25, 50.5):
        told = json.dumps({"depth": depth})
        record_one(event_of(experiment, *who, EventType.SCROLL_DEPTH, metadata=told))
    assert counted(experiment) == brute_force(experiment)
    [(total, squares)] = counted(experiment)[1].values()
    assert (float(total), float(squares)) == (75.5, 75.5**2)
    assert recount.differences() == []
    table.objects.update(**{column: 7})
    assert {d.what for d in recount.differences()} == found
    if column != "pruned":
        recount.rebuild()
        assert recount.differences() == []


@pytest.mark.django_db
def test_recount_check_finds_a_lost_and_an_invented_first_occurrence() -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    record_one(event_of(experiment, visitor, variant))
    FirstOccurrence.objects.filter(kind="page_view").delete()
    FirstOccurrence.objects.create(
        visitor_id=visitor,
        experiment=experiment,
        kind="conversion",
        variant_id=variant,
        occurred_at=datetime.now(UTC),
    )
    found = {(d.what, d.kind) for d in recount.differences()}
    assert ("first occurrences of a day", "page_view") in found
    assert ("first occurrences without an event", "conversion") in found


@pytest.mark.django_db(transaction=True)
def test_results_between_days_count_every_visitor_with_an_event_in_them() -> None:
    experiment = ExperimentFactory(split=[100, 0])
    visitor, variant = assigned_visitor(experiment)
    for day, event_type in ((1, EventType.PAGE_VIEW), (3, EventType.CTA_CLICK)):
        moment = datetime(2026, 3, day, 12, tzinfo=UTC)
        record_one(event_of(experiment, visitor, variant, event_type, moment=moment))
    for (first, last), expected in {
        (date(2026, 3, 1), date(2026, 3, 2)): (1, 0, 1),
        (date(2026, 3, 2), date(2026, 3, 3)): (1, 1, 1),
        (date(2026, 3, 1), date(2026, 3, 31)): (1, 1, 2),
        (date(2026, 4, 1), date(2026, 4, 2)): (0, 0, 0),
    }.items():
        control = results_for(experiment, first=first, last=last).variants[0]
        assert (control.visitors, control.conversions, control.events) == expected
    whole = results_for(experiment).variants[0]
    assert (whole.visitors, whole.conversions, whole.events) == (1, 1, 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM metrics_event_202603")
        assert cursor.fetchone() == (2,)
