from __future__ import annotations

from datetime import UTC, datetime

import pytest

from experiments.event_types import EventType
from experiments.keeper import keeper
from experiments.lifecycle import Transition
from experiments.models import Assignment
from experiments.services import transition_experiment
from experiments.tests.factories import ExperimentFactory, variants_of
from metrics import counts
from metrics.ingest import store
from metrics.ingest.payload import Submission
from metrics.ingest.record import record
from metrics.ingest.steps import Reason
from metrics.kinds import CONVERSION, EXPOSURE
from metrics.models import DailyCount, Event, FirstOccurrence
from metrics.tests.factories import assigned_visitor, event_of, new_id, record_one

pytestmark = pytest.mark.django_db


def test_record_first_event_is_kept_and_counted_as_an_exposure() -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    written = record_one(event_of(experiment, visitor, variant))
    assert written.reason is None
    assert Event.objects.get().created_at == written.created_at[0]
    [tallies] = counts.totals_for(experiment.id).values()
    assert tallies == {EXPOSURE: (1, 1), EventType.PAGE_VIEW: (1, 1)}


def test_record_second_click_of_a_visitor_raises_events_but_not_conversions() -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    for _ in range(2):
        record_one(event_of(experiment, visitor, variant, EventType.CTA_CLICK))
    [tallies] = counts.totals_for(experiment.id).values()
    assert tallies[CONVERSION] == (2, 1)
    assert tallies[EXPOSURE] == (2, 1)


def test_record_repeat_of_an_id_is_counted_once_and_answers_as_the_first() -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    event = event_of(experiment, visitor, variant)
    first, second = record_one(event), record_one(event)
    assert first == second
    together = record([Submission((event,)), Submission((event, event))])
    assert [w.created_at[0] for w in together] == [first.created_at[0]] * 2
    assert Event.objects.count() == 1
    assert sum(DailyCount.objects.values_list("events", flat=True)) == 2


def test_record_id_of_another_event_is_refused() -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    shared = new_id()
    view = event_of(experiment, visitor, variant, event_id=shared)
    click = event_of(experiment, visitor, variant, EventType.CLICK, event_id=shared)
    outcomes = record([Submission((view,)), Submission((click,))])
    assert [w.reason for w in outcomes] == [None, Reason.ID_REUSED]
    assert record_one(click).reason is Reason.ID_REUSED


def test_record_unassigned_visitor_is_enrolled_by_the_computed_variant_only() -> None:
    experiment = ExperimentFactory()
    visitor = new_id()
    own = ExperimentFactory._meta.model.objects.get(pk=experiment.pk)
    ids = [str(v.id) for v in variants_of(own)]
    outcomes = {i: record_one(event_of(experiment, visitor, i)).reason for i in sorted(ids)}
    stored = str(Assignment.objects.get(visitor_id=visitor).variant_id)
    assert outcomes.pop(stored) is None
    assert set(outcomes.values()) == {Reason.NOT_THE_VISITORS_OWN}


def test_record_batch_with_one_foreign_event_keeps_none_and_its_neighbours_all() -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    other = next(str(v.id) for v in variants_of(experiment) if str(v.id) != variant)
    good = event_of(experiment, visitor, variant)
    bad = Submission(
        (event_of(experiment, visitor, variant), event_of(experiment, visitor, other)), True
    )
    outcomes = record([bad, Submission((good,))])
    assert [w.reason for w in outcomes] == [Reason.NOT_THE_VISITORS_OWN, None]
    assert [str(e.id) for e in Event.objects.all()] == [good.id]


@pytest.mark.parametrize(
    ("through", "assigned", "expected"),
    [
        ([], False, Reason.NOT_STARTED),
        (["start", "pause"], False, Reason.ENROLS_NOBODY),
        (["start", "pause"], True, None),
        (["start", "pause", "resume"], False, None),
        (["start", "complete"], True, Reason.COMPLETED),
    ],
)
def test_record_by_status(through: list[str], assigned: bool, expected: Reason | None) -> None:
    experiment = ExperimentFactory(split=[100, 0], through=through[:1])
    visitor, variant = new_id(), str(variants_of(experiment)[0].id)
    if assigned:
        assigned_visitor(experiment, visitor)
    for step in through[1:]:
        transition_experiment(experiment_id=experiment.id, transition=Transition(step))
    assert record_one(event_of(experiment, visitor, variant)).reason is expected


def test_record_unknown_experiment_or_foreign_variant_is_refused() -> None:
    one, two = ExperimentFactory(), ExperimentFactory()
    visitor, variant = assigned_visitor(one)
    assert record_one(event_of(two, visitor, variant)).reason is Reason.FOREIGN_VARIANT
    ghost = ExperimentFactory()
    experiment_id = ghost.id
    ghost.delete()
    ghost.id = experiment_id
    assert record_one(event_of(ghost, visitor, variant)).reason is Reason.UNKNOWN_EXPERIMENT


def test_write_on_an_outdated_snapshot_writes_nothing() -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    submission = Submission((event_of(experiment, visitor, variant),))
    current = keeper.current()
    transition_experiment(experiment_id=experiment.id, transition=Transition.COMPLETE)
    assert store.write([submission], current) is None
    assert not Event.objects.exists()


# Its partitions are missing at first; the failed attempt would end an enclosing transaction.
@pytest.mark.django_db(transaction=True)
def test_record_retry_over_a_months_turn_is_counted_once() -> None:
    experiment = ExperimentFactory()
    visitor, variant = assigned_visitor(experiment)
    shared = new_id()
    moments = [
        datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 4, 1, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 5, 2, tzinfo=UTC),
    ]
    written = [
        record_one(event_of(experiment, visitor, variant, event_id=shared, moment=moment))
        for moment in moments
    ]
    assert {w.created_at for w in written} == {(moments[0],)}
    assert Event.objects.count() == FirstOccurrence.objects.filter(kind=EXPOSURE).count() == 1


def test_record_nothing_is_nothing() -> None:
    assert record([]) == []
