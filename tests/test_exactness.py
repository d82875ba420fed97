"""Counts equal a recount by brute force, whatever arrives from two processes of eight threads."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.event_types import EventType
from experiments.lifecycle import Status, Transition
from experiments.models import Assignment, Experiment
from experiments.services import transition_experiment, update_experiment
from experiments.tests.factories import ExperimentFactory, variants_of
from metrics import recount
from metrics.goals import add_goal
from metrics.models import Event
from metrics.tests.brute_force import GOALS, METADATA, brute_force, counted
from tests.recorder import Outcome, Planned
from tests.site import PROJECT, database_url

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PROCESSES = 2
VISITORS = 60
CALLS = 700
# Days and a month turn here. What clients sent before it may arrive, and be repeated, after it.
TURN = datetime(2026, 4, 1, tzinfo=UTC)
SPLITS = ([100, 0, 0], [0, 100, 0], [0, 0, 100], [20, 30, 50])
# With changes: one for each of the first splits, and one that begins while nobody is enrolled.
STAGES = 4


@pytest.fixture
def experiments() -> list[Experiment]:
    """Two, of which one has goals of its own from the start."""
    experiments = [ExperimentFactory.create(split=split) for split in ([20, 30, 50], [50, 50])]
    for draft in GOALS[1:3]:
        add_goal(experiment_id=experiments[0].id, draft=draft)
    return experiments


def planned_calls(
    rng: random.Random,
    experiments: list[Experiment],
    *,
    number: int,
    moment: Callable[[random.Random], datetime | None],
    with_strangers: bool = False,
) -> list[list[Planned]]:
    """Plan random calls: singles and batches, a third of them sent again later, out of order.

    With strangers, some events name whatever variant, as programs do that guess.
    """
    visitors = [str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(VISITORS)]
    calls = []
    for _ in range(number):
        experiment = rng.choice(experiments)
        guessed = str(rng.choice(variants_of(experiment)).id)
        call: list[Planned] = [
            {
                "visitor": rng.choice(visitors),
                "experiment": str(experiment.id),
                "variant": guessed if with_strangers and rng.random() < 0.1 else None,
                "type": rng.choice(list(EventType)),
                "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                "moment": text_of(moment(rng)),
                "metadata": json.dumps(rng.choice(METADATA)),
            }
            for _ in range(rng.choice((1, 1, 1, 4)))
        ]
        calls.append(call)
    calls += [repeated(rng, call) for call in rng.sample(calls, number // 3)]
    rng.shuffle(calls)
    return calls


def text_of(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def now_or_just_before(rng: random.Random) -> datetime | None:
    """As browsers' events have it, the moment of the commit; now and then of a minute ago."""
    return None if rng.random() < 0.9 else datetime.now(UTC) - timedelta(minutes=1)


def moment_near_the_turn(rng: random.Random) -> datetime:
    """Half of them within minutes of the month's turn, the rest on the days around."""
    if rng.random() < 0.5:
        return TURN + timedelta(seconds=rng.uniform(-240, 240))
    return TURN + timedelta(hours=rng.uniform(-60, 60))


def repeated(rng: random.Random, call: list[Planned]) -> list[Planned]:
    """Return the call as its client sends it again, a little later by the server's clock."""
    later = timedelta(seconds=rng.uniform(0, 60))
    moments = [datetime.fromisoformat(e["moment"]) if e["moment"] else None for e in call]
    return [
        {**event, "moment": text_of(moment and moment + later)}
        for event, moment in zip(call, moments, strict=True)
    ]


class Recorders:
    """The processes, each with its share of every stage's calls, waiting to be let go."""

    def __init__(self, stages: list[list[list[Planned]]], folder: Path) -> None:
        self._results = [folder / f"{n}.json" for n in range(PROCESSES)]
        self._processes = [
            start_recorder([calls[n::PROCESSES] for calls in stages], result)
            for n, result in enumerate(self._results)
        ]
        for process in self._processes:
            assert told(process) == "ready"

    def start_stage(self) -> Future[set[str]]:
        """Let all go; what comes of it is there when all have done."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        stage: Future[set[str]] = Future()
        waiting = threading.Thread(target=lambda: stage.set_result(set(map(told, self._processes))))
        waiting.start()
        return stage

    def outcomes(self) -> list[Outcome]:
        """Wait for the end, and return what became of each call."""
        for process in self._processes:
            process.communicate(timeout=120)
            assert process.returncode == 0
        return [outcome for file in self._results for outcome in json.loads(file.read_text())]


def told(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def start_recorder(stages: list[list[list[Planned]]], result: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.recorder", str(result)],
        cwd=PROJECT,
        env={
            **os.environ,
            "APP_ENV": "development",
            "DATABASE_URL": database_url("recorder"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(stages) + "\n")
    process.stdin.flush()
    return process


def check_kept(outcomes: list[Outcome]) -> None:
    """What was acknowledged, and nothing else, is kept, once, as its clients were told."""
    kept = {str(event.id): event for event in Event.objects.all()}
    assert len(kept) == Event.objects.count()
    told: dict[str, set[datetime]] = {}
    refused: set[str] = set()
    for outcome in outcomes:
        if outcome["reason"] is not None:
            refused |= set(outcome["ids"])
        for event_id, moment in zip(outcome["ids"], outcome["created_at"], strict=False):
            told.setdefault(event_id, set()).add(datetime.fromisoformat(moment))
    assert told.keys() == kept.keys()
    assert kept.keys() & (refused - told.keys()) == set()
    # A repeat is answered as the first was.
    assert {i: moments for i, moments in told.items() if moments != {kept[i].created_at}} == {}


def check_counts(experiments: list[Experiment]) -> None:
    assert recount.differences() == []
    for experiment in experiments:
        assert counted(experiment) == brute_force(experiment)
    own = {
        (a.visitor_id, a.experiment_id): a.variant_id
        for a in Assignment.objects.filter(experiment__in=experiments)
    }
    foreign = [
        event
        for event in Event.objects.all()
        if own[event.visitor_id, event.experiment_id] != event.variant_id
    ]
    assert foreign == []


@pytest.mark.parametrize(("seed", "moment"), [(1, moment_near_the_turn), (2, now_or_just_before)])
def test_counts_after_random_calls_from_two_processes_equal_a_recount(
    seed: int, moment: Any, experiments: list[Experiment], tmp_path: Path
) -> None:
    calls = planned_calls(random.Random(seed), experiments, number=CALLS, moment=moment)
    recorders = Recorders([calls], tmp_path)
    assert recorders.start_stage().result() == {"done"}
    outcomes = recorders.outcomes()
    assert len(outcomes) == len(calls)
    # Everybody reports for the variant that is theirs, so nothing is refused.
    assert {outcome["reason"] for outcome in outcomes} == {None}
    assert Event.objects.count() == len({event["id"] for call in calls for event in call})
    check_kept(outcomes)
    check_counts(experiments)


@pytest.mark.parametrize(("seed", "moment"), [(3, moment_near_the_turn), (4, now_or_just_before)])
def test_counts_while_the_configuration_changes_equal_a_recount(
    seed: int, moment: Any, experiments: list[Experiment], tmp_path: Path
) -> None:
    rng = random.Random(seed)
    stages = [
        planned_calls(rng, experiments, number=CALLS // STAGES, moment=moment, with_strangers=True)
        for _ in range(STAGES)
    ]
    recorders = Recorders(stages, tmp_path)
    changing, _ = experiments
    for split in SPLITS[:-1]:
        update_experiment(experiment_id=changing.id, traffic_split=split)
        before = assigned(changing)
        stage = recorders.start_stage()
        # Nothing changes before the split has decided for somebody, so that each variant has some.
        while not stage.done() and assigned(changing) == before:
            time.sleep(0.01)
        if split == SPLITS[0]:
            # Goals that come while clients report are counted like those that were there.
            for draft in (GOALS[0], GOALS[3]):
                add_goal(experiment_id=changing.id, draft=draft)
        change_until_done(stage, configuration_changes(rng, changing))
        resume(changing)
    changes = configuration_changes(rng, changing)
    next(changes)
    change_until_done(recorders.start_stage(), changes)
    outcomes = recorders.outcomes()
    assert len(outcomes) == sum(map(len, stages))
    reasons = {outcome["reason"] for outcome in outcomes}
    assert reasons >= {None, "not_the_visitors_own", "enrols_nobody"}
    check_kept(outcomes)
    check_counts(experiments)
    shown = Assignment.objects.filter(experiment=changing).values("variant_id").distinct()
    assert shown.count() == 3
    # Each change of the split began a phase, and more than one had newcomers.
    counts, sums = counted(changing)
    assert changing.phases.count() > STAGES
    assert len({phase for phase, *_ in counts}) > 1
    assert len(sums) > 1


def change_until_done(stage: Future[set[str]], changes: Iterator[None]) -> None:
    while not stage.done():
        # Clients get something done between two changes.
        time.sleep(0.03)
        next(changes)
    assert stage.result() == {"done"}


def assigned(experiment: Experiment) -> int:
    return Assignment.objects.filter(experiment=experiment).count()


def resume(experiment: Experiment) -> None:
    experiment.refresh_from_db()
    if experiment.status == Status.PAUSED:
        transition_experiment(experiment_id=experiment.id, transition=Transition.RESUME)


def configuration_changes(rng: random.Random, experiment: Experiment) -> Iterator[None]:
    """Pause the experiment, resume it and change its split, for ever, a step at a time."""
    while True:
        transition_experiment(experiment_id=experiment.id, transition=Transition.PAUSE)
        yield
        transition_experiment(experiment_id=experiment.id, transition=Transition.RESUME)
        yield
        update_experiment(experiment_id=experiment.id, traffic_split=rng.choice(SPLITS))
        yield
