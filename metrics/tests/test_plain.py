"""The short way to keep and count: what takes it, what it leaves to the whole way, and no more."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

import pytest
from django.db import connection, transaction

from experiments import statements
from experiments import store as enrolment
from experiments.event_types import EventType
from experiments.goal_drafts import GoalDraft
from experiments.keeper import keeper
from experiments.known import known
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory, variants_of
from metrics import recount
from metrics.goals import add_goal
from metrics.ingest import store
from metrics.ingest.general import WITH_SUMS, WITHOUT_SUMS
from metrics.ingest.payload import Incoming, Submission
from metrics.ingest.plain import PLAIN, STANDINGS
from metrics.ingest.record import record
from metrics.ingest.steps import Reason
from metrics.models import Event, FirstOccurrence
from metrics.tests.brute_force import brute_force, counted
from metrics.tests.factories import assigned_visitor, event_of, record_one

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = {PLAIN: "plain", STANDINGS: "standings", WITHOUT_SUMS: "whole", WITH_SUMS: "whole"}


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements of ingest that were run, by their names."""
    run_ways: list[str] = []
    run = statements.run

    def run_and_note(sql: str, params: dict[str, Any]) -> Any:
        if sql in NAMES:
            run_ways.append(NAMES[sql])
        return run(sql, params)

    for module in (statements, enrolment):
        monkeypatch.setattr(module, "run", run_and_note)
    return run_ways


@pytest.fixture
def experiment() -> Experiment:
    made: Experiment = ExperimentFactory.create(split=[50, 50])
    return made


def check_counts(experiment: Experiment) -> None:
    assert recount.differences() == []
    assert counted(experiment) == brute_force(experiment)


def record_each(*calls: list[Incoming]) -> list[Any]:
    return record([Submission(tuple(call), is_batch=len(call) > 1) for call in calls])


def test_events_of_a_visitor_who_is_known_take_the_short_way(
    experiment: Experiment, ways: list[str]
) -> None:
    visitor = assigned_visitor(experiment)
    for event_type in (EventType.PAGE_VIEW, EventType.CLICK, EventType.CTA_CLICK):
        assert record_one(event_of(experiment, *visitor, event_type)).reason is None
    assert ways == ["plain"] * 3
    check_counts(experiment)
    firsts = set(FirstOccurrence.objects.values_list("kind", flat=True))
    assert firsts == {"exposure", "page_view", "click", "cta_click", "conversion"}
    standing = known.under(keeper.current().version).get(visitor[0], str(experiment.id))
    assert standing is not None
    assert standing.done == firsts


def test_visitor_whom_another_process_enrolled_is_asked_about_once(
    experiment: Experiment, ways: list[str]
) -> None:
    visitors = [assigned_visitor(experiment) for _ in range(3)]
    known.forget()
    for _ in range(2):
        record_each(*([event_of(experiment, *visitor)] for visitor in visitors))
    assert ways == ["standings", "plain", "plain"]
    check_counts(experiment)


def test_newcomer_is_enrolled_by_the_whole_way(experiment: Experiment, ways: list[str]) -> None:
    visitor = str(uuid.uuid4())
    variant = keeper.current().experiments[str(experiment.id)].variant_for(visitor).id
    for _ in range(2):
        assert record_one(event_of(experiment, visitor, variant)).reason is None
    assert ways == ["standings", "whole", "standings", "plain"]
    check_counts(experiment)


def another_variant(experiment: Experiment, variant_id: str) -> str:
    return next(str(v.id) for v in variants_of(experiment) if str(v.id) != variant_id)


def test_repeat_is_answered_as_before_and_counted_once(
    experiment: Experiment, ways: list[str]
) -> None:
    visitor = assigned_visitor(experiment)
    event = event_of(experiment, *visitor)
    first = record_one(event)
    others = [event_of(experiment, *visitor) for _ in range(2)]
    found = record_each([others[0]], [event], [others[1]])
    assert ways == ["plain", "plain", "whole"]
    assert found[1] == first
    assert found[0].created_at == found[2].created_at != first.created_at
    assert Event.objects.count() == 3
    check_counts(experiment)


def test_what_is_wrong_is_refused_for_its_reason(experiment: Experiment, ways: list[str]) -> None:
    visitor, variant = assigned_visitor(experiment)
    event = event_of(experiment, visitor, variant)
    record_one(event)
    foreign = event_of(experiment, visitor, another_variant(experiment, variant))
    reused = event_of(experiment, visitor, variant, EventType.CLICK, event_id=event.id)
    assert record_one(foreign).reason is Reason.NOT_THE_VISITORS_OWN
    assert record_one(reused).reason is Reason.ID_REUSED
    fine = event_of(experiment, visitor, variant)
    [refused, kept] = record_each([fine, reused], [event_of(experiment, visitor, variant)])
    assert (refused.reason, kept.reason) == (Reason.ID_REUSED, None)
    assert not Event.objects.filter(id=fine.id).exists()
    check_counts(experiment)


def test_group_of_both_kinds_takes_both_ways_where_that_pays(
    experiment: Experiment, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "WORTH_A_STATEMENT", 3)
    visitor, variant = assigned_visitor(experiment)
    foreign = event_of(experiment, visitor, another_variant(experiment, variant))
    for plain, expected in ((2, ["whole"]), (3, ["plain", "whole"])):
        ways.clear()
        calls = [[event_of(experiment, visitor, variant)] for _ in range(plain)]
        found = record_each(calls[0], [foreign], *calls[1:])
        assert ways == expected
        assert Counter(written.reason for written in found) == {
            None: plain,
            Reason.NOT_THE_VISITORS_OWN: 1,
        }
        assert found[1].reason is Reason.NOT_THE_VISITORS_OWN
    check_counts(experiment)


def test_own_goals_are_counted_on_the_short_way_and_numbers_on_the_whole(
    experiment: Experiment, ways: list[str]
) -> None:
    add_goal(
        experiment_id=experiment.id, draft=GoalDraft(name="Deep", event_types=("scroll_depth",))
    )
    add_goal(
        experiment_id=experiment.id,
        draft=GoalDraft(name="Value", event_types=("click",), measure="sum", value_key="value"),
    )
    visitor = assigned_visitor(experiment)
    for event_type in (EventType.SCROLL_DEPTH, EventType.CLICK):
        record_one(event_of(experiment, *visitor, event_type, metadata='{"value": 7}'))
    assert ways == ["plain", "whole"]
    check_counts(experiment)


def test_rebuild_makes_processes_forget_who_did_what_first(
    experiment: Experiment, ways: list[str]
) -> None:
    visitor = assigned_visitor(experiment)
    record_one(event_of(experiment, *visitor))
    # As an administrator does who takes a robot's events out.
    Event.objects.all().delete()
    recount.rebuild()
    assert not FirstOccurrence.objects.exists()
    record_one(event_of(experiment, *visitor))
    assert FirstOccurrence.objects.count() == 2
    check_counts(experiment)


@pytest.mark.parametrize("doubt", ["an old configuration", "a month's turn"])
def test_in_doubt_nothing_is_written_on_the_short_way(
    doubt: str, experiment: Experiment, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = assigned_visitor(experiment)
    event = event_of(experiment, *visitor)
    snapshot = keeper.current()
    if doubt == "an old configuration":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE experiments_config_version SET version = version + 1")
        assert store.write([Submission((event,))], snapshot) is None
        assert not Event.objects.exists()
    else:
        at_a_turn = PLAIN.replace("+ interval '5 minutes'", "+ interval '40 days'")
        monkeypatch.setattr("metrics.ingest.plain.PLAIN", at_a_turn)
        monkeypatch.setitem(NAMES, at_a_turn, "plain")
        assert record_one(event).reason is None
    assert ways == (["plain"] if doubt == "an old configuration" else ["plain", "whole"])
    check_counts(experiment)


def test_event_that_a_parallel_transaction_keeps_is_left_to_the_whole_way(
    experiment: Experiment, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = assigned_visitor(experiment)
    event = event_of(experiment, *visitor)
    first = record_one(event)
    # As if the first had been kept after this statement looked for it.
    blind = PLAIN.replace("AND NOT EXISTS", "AND true OR NOT EXISTS")
    monkeypatch.setattr("metrics.ingest.plain.PLAIN", blind)
    monkeypatch.setitem(NAMES, blind, "plain")
    ways.clear()
    assert record_one(event) == first
    assert ways == ["plain", "whole"]
    check_counts(experiment)


def test_within_a_transaction_nothing_is_remembered(experiment: Experiment) -> None:
    visitor = assigned_visitor(experiment)
    known.forget()
    with transaction.atomic():
        record_one(event_of(experiment, *visitor))
        transaction.set_rollback(True)
    assert known.latest.get(visitor[0], str(experiment.id)) is None
    record_one(event_of(experiment, *visitor))
    check_counts(experiment)
