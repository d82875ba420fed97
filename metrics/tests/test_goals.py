"""Goals added while ingest goes on are counted from the first raw event on, and once."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from experiments.event_types import EventType
from experiments.goal_drafts import GoalDraft
from experiments.goals import InvalidGoal
from experiments.lifecycle import Transition
from experiments.models import Experiment, Goal
from experiments.services import EditConflict, Refused, transition_experiment, update_experiment
from experiments.tests.factories import ExperimentFactory
from metrics import goals, recount
from metrics.ingest.payload import Incoming, Submission
from metrics.ingest.record import record
from metrics.models import Event
from metrics.tests.brute_force import GOALS, METADATA, brute_force, counted
from metrics.tests.factories import assigned_visitor, event_of, record_one
from metrics.tests.months import another_session

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4
# Seconds after which a thread is taken to be stuck, on however busy a machine.
PATIENCE = 60


def random_event(
    rng: random.Random, experiment: Experiment, who: tuple[str, str], moment: datetime | None
) -> Incoming:
    return event_of(
        experiment,
        *who,
        rng.choice(list(EventType)),
        moment=moment,
        metadata=json.dumps(rng.choice(METADATA)),
    )


@contextmanager
def recording(
    experiment: Experiment, visitors: list[tuple[str, str]], moment: Callable[[], datetime | None]
) -> Iterator[threading.Event]:
    """Let threads record events all the time; the event is set once each has recorded some."""
    stopping, under_way = threading.Event(), threading.Event()
    begun = threading.Barrier(THREADS, action=under_way.set)
    failures: list[BaseException] = []

    def record_on(seed: int) -> None:
        rng = random.Random(seed)
        try:
            for turn in range(10_000):
                group = [
                    Submission((random_event(rng, experiment, rng.choice(visitors), moment()),))
                    for _ in range(rng.randrange(1, 8))
                ]
                _record_patiently(group)
                if turn == 2:
                    begun.wait(timeout=PATIENCE)
                if stopping.is_set():
                    break
        except BaseException as failure:
            failures.append(failure)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=record_on, args=[n]) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        assert under_way.wait(timeout=PATIENCE)
        yield under_way
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    assert failures == []


def _record_patiently(group: list[Submission]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            outcomes = record(group)
        except OperationalError:
            # Simulated events of the past wait until the goal's own past has been counted.
            assert time.monotonic() < deadline
            continue
        assert [outcome.reason for outcome in outcomes] == [None] * len(group)
        return


def wait_for_visitor(visitor_id: str) -> None:
    """Wait until the threads have recorded something of a visitor who is new to them."""
    deadline = time.monotonic() + PATIENCE
    while not Event.objects.filter(visitor_id=visitor_id).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def check(experiment: Experiment) -> None:
    assert counted(experiment) == brute_force(experiment)
    assert recount.differences() == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", [None, datetime(2026, 3, 31, tzinfo=UTC)], ids=["now", "past"])
def test_goals_added_under_concurrent_ingest_are_counted_whole_and_once(
    moment: datetime | None,
) -> None:
    experiment = ExperimentFactory.create(split=[40, 60])
    visitors = [assigned_visitor(experiment) for _ in range(12)]

    def at() -> datetime | None:
        return moment and moment + timedelta(hours=random.uniform(-40, 40))

    with recording(experiment, visitors, at):
        for draft in GOALS:
            goal = goals.add_goal(experiment_id=experiment.id, draft=draft)
            assert goal.backfilled_at is not None
            # Some come after the goal as well.
            visitors.append(assigned_visitor(experiment))
            wait_for_visitor(visitors[-1][0])
    check(experiment)
    before_rebuild = counted(experiment)
    recount.rebuild()
    assert counted(experiment) == before_rebuild
    check(experiment)


@pytest.mark.slow
def test_phases_that_open_under_concurrent_ingest_are_counted_apart() -> None:
    experiment = ExperimentFactory.create(split=[40, 60], through=[])
    for draft in GOALS:
        goals.add_goal(experiment_id=experiment.id, draft=draft)
    transition_experiment(experiment_id=experiment.id, transition=Transition.START)
    visitors = [assigned_visitor(experiment) for _ in range(6)]
    with recording(experiment, visitors, lambda: None):
        for split in ([50, 50], [0, 100], [70, 30]):
            update_experiment(experiment_id=experiment.id, traffic_split=split)
            visitors += [assigned_visitor(experiment) for _ in range(6)]
            wait_for_visitor(visitors[-1][0])
    check(experiment)
    assert {phase for phase, *_ in counted(experiment)[0]} == {1, 2, 3, 4}


def test_goal_added_before_the_start_is_counted_from_the_start() -> None:
    experiment = ExperimentFactory.create(through=[])
    goal = goals.add_goal(experiment_id=experiment.id, draft=GOALS[0])
    assert goal.counted_since is None
    assert goals.goals_to_backfill() == []


def test_goal_that_is_counted_anyway_needs_no_second_count() -> None:
    experiment = ExperimentFactory.create()
    record_one(event_of(experiment, *assigned_visitor(experiment), EventType.CLICK))
    clicks = goals.add_goal(
        experiment_id=experiment.id, draft=GoalDraft("Clicks", event_types=("click",))
    )
    assert (clicks.kind, clicks.counted_since) == ("click", None)
    check(experiment)


def test_backfill_that_never_came_is_made_up_for_and_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    experiment = ExperimentFactory.create()
    for metadata in METADATA:
        who = assigned_visitor(experiment)
        told = json.dumps(metadata)
        record_one(event_of(experiment, *who, EventType.SCROLL_DEPTH, metadata=told))
    for draft in (GOALS[0], GOALS[3]):
        # What add_goal does first, before a process may end.
        goals._add(experiment.id, draft, None)
    pending = goals.goals_to_backfill()
    assert [goal.name for goal in pending] == ["Read on", "Depth"]
    # The counts are right at every moment, for what they say they count.
    assert recount.differences() == []
    recount.rebuild()
    assert recount.differences() == []
    first, second = pending
    assert [goals.backfill(first.id) for _ in range(2)] == [True, False]
    call_command("backfill_goals")
    assert capsys.readouterr().out == (
        f"Counted what came before “Depth” was added ({second.id}).\n"
    )
    call_command("backfill_goals")
    assert capsys.readouterr().out == "No goal's past is still to be counted.\n"
    check(experiment)


def test_simulated_past_waits_for_a_goals_own_past() -> None:
    experiment = ExperimentFactory.create()
    who = assigned_visitor(experiment)
    goal = goals._add(experiment.id, GOALS[0], None)
    past = datetime(2026, 3, 1, tzinfo=UTC)
    told = '{"depth":80}'
    event = event_of(experiment, *who, EventType.SCROLL_DEPTH, moment=past, metadata=told)
    with pytest.raises(OperationalError, match="being counted from the raw events"):
        record_one(event)
    record_one(event_of(experiment, *who, EventType.SCROLL_DEPTH, metadata=told))
    goals.backfill(goal.id)
    record_one(event)
    check(experiment)


def test_goal_is_refused_while_others_count_in_bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goals, "_ATTEMPTS", 2)
    monkeypatch.setattr(goals, "_PAUSE", 0.0)
    experiment = ExperimentFactory.create()
    with another_session() as execute:
        execute("LOCK TABLE metrics_dailycount IN ROW EXCLUSIVE MODE")
        with pytest.raises(Refused, match="counted in bulk just now"):
            goals.add_goal(experiment_id=experiment.id, draft=GOALS[0])
    assert Goal.objects.count() == 1
    goals.add_goal(experiment_id=experiment.id, draft=GOALS[0])


def test_goal_that_cannot_be_is_refused_by_what_it_lacks() -> None:
    experiment = ExperimentFactory.create()
    with pytest.raises(InvalidGoal, match="settled when the experiment began"):
        goals.add_goal(
            experiment_id=experiment.id,
            draft=GoalDraft("P", role="primary", event_types=("click",)),
        )
    with pytest.raises(EditConflict):
        goals.add_goal(experiment_id=experiment.id, draft=GOALS[0], version=1)
    transition_experiment(experiment_id=experiment.id, transition=Transition.COMPLETE)
    with pytest.raises(Refused, match="A completed experiment's goals are its record"):
        goals.add_goal(experiment_id=experiment.id, draft=GOALS[0])
