from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Max, Min

from experiments.assignment import Refusal, Wish, assign
from experiments.bucketing import bucket_of
from experiments.event_types import EventType
from experiments.lifecycle import Status
from experiments.models import Assignment, Experiment
from metrics import counts, recount
from metrics.goals import add_goal
from metrics.kinds import CONVERSION, EXPOSURE
from metrics.models import Event, FirstOccurrence, PrunedMonth
from metrics.results import results_for
from metrics.tests.brute_force import GOALS, brute_force, counted
from metrics.tests.factories import new_id
from metrics.traffic import store
from metrics.traffic.load import AlreadySimulated, load, prepare
from metrics.traffic.visits import Traffic, chunks_of, copied_rows

START = datetime(2026, 1, 20, tzinfo=UTC)
whole = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("only_usual_months")]


def traffic_of(events: int, days: int = 20) -> Traffic:
    variants = (UUID(int=1), UUID(int=2))
    return Traffic(UUID(int=3), variants, (50, 50), START, days, events)


@pytest.mark.parametrize(
    ("events", "size", "expected"),
    [(1, 10, [1]), (10, 10, [10]), (11, 10, [5, 6]), (25, 10, [8, 8, 9])],
)
def test_chunks_share_the_events_out(events: int, size: int, expected: list[int]) -> None:
    assert [chunk.events for chunk in chunks_of(events, size)] == expected


def test_rows_are_the_same_each_time_and_bounded_blocks() -> None:
    traffic, [chunk] = traffic_of(5000), chunks_of(5000, 5000)
    blocks = list(copied_rows(traffic, chunk))
    assert blocks == list(copied_rows(traffic, chunk))
    assert max(map(len, blocks)) < 100_000
    assert len(blocks) > 10


def simulate(events: int, days: int = 20) -> Experiment:
    traffic = prepare(events=events, start=START, days=days, seed=1)
    assert list(load(traffic, chunk_events=700))[-1] == events
    return Experiment.objects.with_variants().get(pk=traffic.experiment_id)


class TestWhole:
    pytestmark = whole

    def test_traffic_is_kept_counted_and_assigned_as_ingest_would(self) -> None:
        experiment = simulate(5000)
        assert Event.objects.count() == 5000
        assert recount.differences() == []
        visitors = set(Event.objects.values_list("visitor_id", flat=True))
        stored = dict(Assignment.objects.values_list("visitor_id", "variant_id"))
        assert stored.keys() == visitors
        control, treatment = experiment.variants.all()
        for visitor, variant in stored.items():
            is_control = bucket_of(str(visitor), str(experiment.id)) < 50
            assert variant == (control.id if is_control else treatment.id)
        for event in Event.objects.all():
            assert stored[event.visitor_id] == event.variant_id
            assert event.id.version == 4
            assert event.month == date(event.created_at.year, event.created_at.month, 1)

    def test_traffic_is_realistic(self) -> None:
        experiment = simulate(20_000)
        results = results_for(experiment)
        assert results.total_events == 20_000
        assert 0.1 < (results.variants[0].rate or 0) < 0.2
        assert all(variant.visitors > 2000 for variant in results.variants)
        events = Event.objects.aggregate(first=Min("created_at"), last=Max("created_at"))
        assert START <= events["first"] < START + timedelta(days=1)
        end = START + timedelta(days=20)
        assert end - timedelta(days=1) < events["last"] < end + timedelta(hours=1)
        by_type = Counter(Event.objects.values_list("event_type", flat=True))
        assert by_type.keys() == set(EventType) - {EventType.CLICK}
        views = by_type[EventType.PAGE_VIEW]
        # Some come back, and busy hours are busier.
        assert 1.1 < views / results.total_visitors < 1.4
        hours = Counter(e.hour for e in Event.objects.values_list("created_at", flat=True))
        assert hours[20] > 4 * hours[3]

    def test_goals_added_before_and_amid_the_load_are_counted_whole(self) -> None:
        traffic = prepare(events=2800, start=START, days=20, seed=1)
        experiment = Experiment.objects.get(pk=traffic.experiment_id)
        add_goal(experiment_id=experiment.id, draft=GOALS[0])
        for done in load(traffic, chunk_events=700):
            if done == 1400:
                add_goal(experiment_id=experiment.id, draft=GOALS[3])
        totals, sums = counted(experiment)
        assert (totals, sums) == brute_force(experiment)
        assert len(sums) == 2
        assert recount.differences() == []

    def test_experiment_is_named_paused_and_changes_no_content(self) -> None:
        experiment = simulate(100)
        assert experiment.name == "Simulated traffic, 100 events (seed 1)"
        assert experiment.status == Status.PAUSED
        assert experiment.started_at == START
        assert [variant.content for variant in experiment.variants.all()] == [{}, {}]
        assert assign([Wish(new_id(), str(experiment.id))]) == [Refusal.ENROLS_NOBODY]

    def test_same_traffic_is_there_once_and_other_traffic_beside_it(self) -> None:
        simulate(300)
        with pytest.raises(AlreadySimulated, match="Simulated traffic, 300 events"):
            prepare(events=300, start=START, days=20, seed=1)
        simulate(301)
        assert Event.objects.count() == 601
        assert recount.differences() == []

    def test_whatever_ends_it_early_what_is_there_is_counted(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written = threading.Event()
        write = store.write

        def fail_later(rows: Iterable[bytes], *, slot: int) -> None:
            if written.is_set():
                raise OSError("The disk is full.")
            write(rows, slot=slot)
            written.set()

        monkeypatch.setattr(store, "write", fail_later)
        traffic = prepare(events=7000, start=START, days=20, seed=1)
        with pytest.raises(OSError, match="full"):
            list(load(traffic, chunk_events=700))
        assert 0 < Event.objects.count() < 7000
        assert Event.objects.count() % 700 == 0
        assert recount.differences() == []

    def test_command_says_what_it_wrote(self) -> None:
        out = io.StringIO()
        call_command("simulate_traffic", events=1500, days=3, stdout=out)
        [experiment] = Experiment.objects.all()
        assert "█ 1,500 of 1,500 events\n" in out.getvalue()
        assert f"experiment {experiment.id}." in out.getvalue()
        with pytest.raises(CommandError, match="Another --seed makes other traffic"):
            call_command("simulate_traffic", events=1500, days=3, stdout=out)

    def test_command_refuses_a_pruned_month(self) -> None:
        before = datetime.now(UTC).date() - timedelta(days=200)
        PrunedMonth.objects.create(month=before.replace(day=1), events=1)
        with pytest.raises(CommandError, match="Use fewer --days"):
            call_command("simulate_traffic", events=10, days=210)
        assert not Experiment.objects.exists()

    @pytest.mark.slow
    def test_eighty_thousand_events_recount_clean(self) -> None:
        traffic = prepare(events=80_000, start=START, days=50, seed=2)
        list(load(traffic))
        assert recount.differences() == []
        [*tallies] = counts.totals_for(traffic.experiment_id).values()
        assert sum(t[EXPOSURE].events for t in tallies) == 80_000
        firsts = FirstOccurrence.objects.filter(kind=CONVERSION).count()
        assert sum(t[CONVERSION].visitors for t in tallies) == firsts
        with connection.cursor() as cursor:
            # The loaded tables were analyzed: the planner knows how much there is.
            cursor.execute(
                "SELECT reltuples FROM pg_class WHERE oid = 'metrics_firstoccurrence'::regclass"
            )
            [tuples] = cursor.fetchone()
        assert abs(tuples - FirstOccurrence.objects.count()) < 8_000


@pytest.mark.parametrize(
    "options", [{"events": 0}, {"events": -5}, {"days": 0}, {"days": 731}], ids=str
)
def test_command_refuses_numbers_out_of_range(options: dict[str, int]) -> None:
    with pytest.raises(CommandError, match="--events is 1 or more"):
        call_command("simulate_traffic", **options)
