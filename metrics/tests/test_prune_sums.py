"""Sums and late goals of experiments whose first month was pruned."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from experiments.event_types import EventType
from experiments.lifecycle import Transition
from experiments.models import Experiment
from experiments.services import transition_experiment
from experiments.tests.factories import ExperimentFactory
from metrics import recount
from metrics.goals import add_goal
from metrics.models import DailySum, PrunedMonth, VisitorTotal
from metrics.phase_results import phase_results_for
from metrics.tests.brute_force import GOALS, counted
from metrics.tests.factories import assigned_visitor, event_of, record_one
from metrics.tests.months import moment_in
from metrics.tests.pruned import NEXT, OLD, prune

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("only_usual_months")]
DEPTH = GOALS[3]


def scroll(experiment: Experiment, who: tuple[str, str], month: object, depth: float) -> None:
    record_one(
        event_of(
            experiment,
            *who,
            EventType.SCROLL_DEPTH,
            moment=moment_in(OLD if month is OLD else NEXT),
            metadata=json.dumps({"depth": depth}),
        )
    )


def sums(experiment: Experiment) -> tuple[Decimal, Decimal]:
    [found] = counted(experiment)[1].values()
    return found


@pytest.mark.parametrize("months", [(OLD, OLD, NEXT), (NEXT, OLD, OLD)], ids=["in order", "not"])
def test_sums_outlive_pruned_events_and_can_be_rebuilt(months: tuple[object, ...]) -> None:
    experiment = ExperimentFactory.create(split=[100, 0], through=[])
    add_goal(experiment_id=experiment.id, draft=DEPTH)
    transition_experiment(experiment_id=experiment.id, transition=Transition.START)
    often, once = (assigned_visitor(experiment) for _ in range(2))
    for month, depth in zip(months, (10.5, 20, 5), strict=True):
        scroll(experiment, often, month, depth)
    scroll(experiment, once, OLD, 3)
    expected = (Decimal("38.5"), Decimal("35.5") ** 2 + 9)
    assert sums(experiment) == expected
    prune()
    assert recount.differences() == []
    assert sums(experiment) == expected
    pruned = VisitorTotal.objects.get(visitor_id=often[0]).pruned
    assert pruned == (Decimal("30.5") if months[0] is OLD else Decimal(25))
    recount.rebuild()
    assert recount.differences() == []
    assert sums(experiment) == expected
    # What comes later adds to what was pruned.
    scroll(experiment, once, NEXT, 4)
    assert sums(experiment) == (Decimal("42.5"), Decimal("35.5") ** 2 + 49)
    assert recount.differences() == []
    DailySum.objects.filter(day__month=NEXT.month).delete()
    assert {d.what for d in recount.differences()} == {"sum of a day", "squares of totals"}
    recount.rebuild()
    assert recount.differences() == []


def test_goal_added_after_a_prune_says_which_months_it_misses(two_months: Experiment) -> None:
    prune()
    goal = add_goal(experiment_id=two_months.id, draft=GOALS[0])
    assert goal.missing_months == [OLD]
    late = phase_results_for(two_months).goals[1]
    assert list(late.missing_months) == [OLD]
    assert not late.is_counting_its_past
    assert recount.differences() == []


def test_goal_of_an_experiment_that_a_prune_did_not_touch_misses_nothing(
    two_months: Experiment,
) -> None:
    other = ExperimentFactory.create(split=[100, 0])
    scroll(other, assigned_visitor(other), NEXT, 80)
    prune()
    goal = add_goal(experiment_id=other.id, draft=GOALS[0])
    assert goal.missing_months == []
    assert [arm.conversions for arm in phase_results_for(other).goals[1].arms] == [1, 0]


def test_prune_that_is_tried_again_keeps_totals_once(two_months: Experiment) -> None:
    add_goal(experiment_id=two_months.id, draft=DEPTH)
    who = assigned_visitor(two_months)
    scroll(two_months, who, OLD, 10)
    prune()
    assert PrunedMonth.objects.count() == 1
    prune()
    assert VisitorTotal.objects.get().pruned == 10
    assert recount.differences() == []
