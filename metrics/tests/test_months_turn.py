"""At a month's turn two partitions could take one event: whoever records it, one of them does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from experiments.tests.factories import ExperimentFactory
from experiments.tests.test_enrolment_races import at_once
from metrics import counts, partitions, recount
from metrics.kinds import EXPOSURE
from metrics.models import Event
from metrics.tests.factories import assigned_visitor, event_of, new_id, record_one
from metrics.tests.months import moment_in
from metrics.tests.recorders import Recorder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("only_usual_months")]

FAR = date(2031, 4, 1)


@pytest.fixture
def two_recorders() -> Iterator[tuple[str, list[Recorder], list[datetime]]]:
    """Two processes, and the moments a second before and a second after a month's turn."""
    experiment = ExperimentFactory(split=[100, 0])
    moments = [moment_in(FAR, 1, 0) + timedelta(seconds=s) for s in (-1, 1)]
    variant = str(experiment.variants.get(position=0).id)
    recorders = [Recorder(str(experiment.id), variant, moments) for _ in range(2)]
    yield str(experiment.id), recorders, moments
    for recorder in recorders:
        recorder.close()


def test_record_at_a_months_turn_by_two_processes_makes_the_partition_once(
    two_recorders: tuple[str, list[Recorder], list[datetime]],
) -> None:
    _, recorders, _ = two_recorders
    for recorder in recorders:
        recorder.tell(new_id(), new_id(), 1)
    assert [recorder.answer()[0] for recorder in recorders] == ["None", "None"]
    assert FAR in partitions.existing_months()
    assert Event.objects.count() == 2


@pytest.mark.slow
def test_one_event_at_both_sides_of_a_months_turn_at_once_is_kept_and_counted_once(
    two_recorders: tuple[str, list[Recorder], list[datetime]],
) -> None:
    """Two processes, many times; each copy's moment is on its own side of the turn."""
    experiment_id, recorders, moments = two_recorders
    times = 150
    winners = set()
    for n in range(times):
        visitor, event_id = new_id(), new_id()
        # Either side goes first now and then, and neither waits for the other's answer.
        order = [0, 1] if n % 2 else [1, 0]
        for turn in order:
            recorders[turn].tell(visitor, event_id, turn)
        answers = [recorder.answer() for recorder in recorders]
        assert [reason for reason, _ in answers] == ["None", "None"]
        kept = Event.objects.get(visitor_id=visitor, id=event_id)
        assert {moment for _, moment in answers} == {kept.created_at}
        winners.add(moments.index(kept.created_at))
    assert winners == {0, 1}
    assert Event.objects.count() == times
    [tallies] = counts.totals_for(UUID(experiment_id)).values()
    assert tallies[EXPOSURE] == (times, times)
    assert recount.differences() == []


@pytest.mark.slow
def test_one_event_at_both_sides_of_a_months_turn_by_threads_is_kept_and_counted_once() -> None:
    experiment = ExperimentFactory()
    times = 60
    partitions.ensure_months([date(2031, 3, 1), FAR])
    for _ in range(times):
        visitor, variant = assigned_visitor(experiment)
        event_id = new_id()

        def act(n: int, visitor: str = visitor, variant: str = variant, i: str = event_id) -> None:
            moment = moment_in(FAR, 1, 0) + timedelta(seconds=(-1, 1)[n % 2])
            event = event_of(experiment, visitor, variant, event_id=i, moment=moment)
            assert record_one(event).reason is None

        at_once(4, act)
    assert Event.objects.count() == times
    assert recount.differences() == []
