"""What an event counts towards is the same on its way in and in a count over raw events."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments import snapshot
from experiments.conditions import Condition, Operator
from experiments.event_types import EventType
from experiments.goal_drafts import GoalDraft
from experiments.goals import insert_goal
from experiments.models import Experiment, Goal
from experiments.snapshot import GoalView
from experiments.statements import run
from experiments.tests.factories import ExperimentFactory
from metrics.kinds import COUNTED, counted_with_goals, left_out_kind
from metrics.sql import statement

KEYS = st.sampled_from(["depth", "é", ""])
# Values that meet again in conditions.
FEW = st.sampled_from([0, 1, 1.0, 75, 0.1, -0.5])
NUMBERS = st.one_of(
    FEW,
    st.integers(10**12 - 2, 10**12 + 2),
    st.integers(-(10**40), 10**40),
    st.floats(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.1, 0.30000000000000004, 2.5e-6, -2.5e-6, 1e12, 1e-7, -0.0, 1e23, 10**23]),
)
TEXTS = st.one_of(
    st.sampled_from(["pro", "Pro", "pro plus", "5", "true", "", "%", "_", "ß", "\\", '"']),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=4),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.just("depth"), SCALARS)
)
METADATA = st.dictionaries(KEYS, VALUES, max_size=4)
KEPT_NUMBERS = st.one_of(
    FEW,
    st.integers(-(2**53), 2**53),
    st.floats(-5, 5),
    st.floats(-(2.0**53), 2.0**53),
    st.just(0.1),
)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    operator = draw(st.sampled_from(list(Operator)))
    value: Any = None
    if operator in (Operator.EQUAL, Operator.NOT_EQUAL):
        value = draw(st.one_of(KEPT_NUMBERS, st.booleans(), TEXTS))
    elif operator is Operator.CONTAINS:
        value = draw(TEXTS.filter(bool))
    elif operator is not Operator.EXISTS:
        value = draw(KEPT_NUMBERS)
    return Condition(draw(KEYS.filter(bool)), operator, value)


DRAFTS = st.builds(
    GoalDraft,
    name=st.uuids().map(str),
    event_types=st.just(("click", "scroll_depth")),
    conditions=st.lists(conditions(), max_size=2).map(tuple),
    measure=st.just("conversion"),
) | st.builds(
    GoalDraft,
    name=st.uuids().map(str),
    event_types=st.just(("click", "scroll_depth")),
    conditions=st.lists(conditions(), max_size=1).map(tuple),
    measure=st.just("sum"),
    value_key=KEYS.filter(bool),
)


def counted_by_sql(experiment: Experiment, events: list[dict[str, Any]]) -> list[set[Any]]:
    """Return what each event counts towards, as the statement over raw events finds it."""
    source = (
        "(SELECT e.*, ord AS visitor, lpad(to_hex(ord), 32, '0')::uuid AS visitor_id,"
        " %(experiment)s::uuid AS experiment_id, %(experiment)s::uuid AS variant_id,"
        " now() AS created_at, 'click' AS event_type"
        " FROM unnest(%(metadata)s::jsonb[]) WITH ORDINALITY AS e (metadata, ord))"
    )
    rows = run(
        statement("touched", events=source),
        {
            "experiment": experiment.id,
            "metadata": [json.dumps(event, ensure_ascii=False) for event in events],
            "counted_types": [event_type for event_type, _ in COUNTED],
            "counted_kinds": [kind for _, kind in COUNTED],
            "goals": None,
        },
    )
    found: list[set[Any]] = [set() for _ in events]
    for visitor_id, _, _, _, kind, value, *_ in rows:
        found[visitor_id.int - 1].add((kind, value))
    return found


def counted_in_python(goals: list[GoalView], metadata: dict[str, Any]) -> set[Any]:
    # As the browser's JSON would have been read.
    kinds, values = counted_with_goals("click", json.loads(json.dumps(metadata)), goals)
    numbers = dict(values)
    return {(kind, numbers.get(kind)) for kind in kinds}


@pytest.fixture
def experiment(db: None) -> Experiment:
    made: Experiment = ExperimentFactory.create(through=[])
    return made


# Each is a statement over as many as twenty events and four goals.
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DRAFTS, min_size=1, max_size=4), st.lists(METADATA, min_size=1, max_size=20))
def test_goals_are_reached_in_python_as_in_sql(
    experiment: Experiment, drafts: list[GoalDraft], events: list[dict[str, Any]]
) -> None:
    Goal.objects.filter(experiment=experiment, position__gt=0).delete()
    for draft in drafts:
        if not draft.conditions and draft.measure == "conversion" and len(draft.event_types) == 1:
            continue
        insert_goal(experiment, draft)
    goals = list(snapshot.load().experiments[str(experiment.id)].goals)
    assert len(goals) == len(drafts)
    expected = [counted_in_python(goals, event) for event in events]
    assert counted_by_sql(experiment, events) == expected


def view(key: str = "", *conditions: Condition) -> GoalView:
    return GoalView("goal:" + "0" * 32, frozenset({"click"}), conditions, key)


@pytest.mark.parametrize(
    ("metadata", "condition", "is_met"),
    [
        ({"depth": 75}, Condition("depth", Operator.AT_LEAST, 75), True),
        ({"depth": 74.9}, Condition("depth", Operator.AT_LEAST, 75), False),
        ({"depth": "75"}, Condition("depth", Operator.AT_LEAST, 75), False),
        ({"depth": True}, Condition("depth", Operator.AT_LEAST, 0), False),
        ({"depth": True}, Condition("depth", Operator.EQUAL, 1), False),
        ({"depth": 75.0}, Condition("depth", Operator.EQUAL, 75), True),
        ({}, Condition("depth", Operator.NOT_EQUAL, 75), False),
        ({"depth": None}, Condition("depth", Operator.EXISTS), False),
        ({"depth": False}, Condition("depth", Operator.EXISTS), True),
        ({"plan": "Pro"}, Condition("plan", Operator.EQUAL, "pro"), False),
        ({"plan": 5}, Condition("plan", Operator.NOT_EQUAL, "pro"), True),
        ({"url": "/shop/cart"}, Condition("url", Operator.CONTAINS, "/cart"), True),
        ({"url": ["/cart"]}, Condition("url", Operator.CONTAINS, "/cart"), False),
    ],
)
def test_condition(metadata: dict[str, Any], condition: Condition, is_met: bool) -> None:
    assert condition.is_met_by(metadata) is is_met


@pytest.mark.parametrize(
    ("value", "added"),
    [
        (19.99, "19.990000"),
        (0.1 + 0.2, "0.300000"),
        (-3, "-3.000000"),
        (0.0000005, "0.000001"),
        (10**12, "1000000000000.000000"),
        (0, "0.000000"),
    ],
)
def test_sum_adds_a_number_with_six_decimals(value: float, added: str) -> None:
    kinds, values = counted_with_goals("click", {"price": value}, [view("price")])
    assert kinds[-1] == view().kind
    assert values == ((view().kind, Decimal(added)),)


@pytest.mark.parametrize("value", ["19.99", True, [1], {}, 10**12 + 1, -1e13, 1e308])
def test_sum_leaves_out_what_is_no_number_within_its_limit_and_counts_it(value: Any) -> None:
    kinds, values = counted_with_goals("click", {"price": value}, [view("price")])
    assert kinds[-1] == left_out_kind(view().kind)
    assert values == ()


@pytest.mark.parametrize("metadata", [{}, {"price": None}])
def test_sum_takes_no_notice_of_events_without_its_key(metadata: dict[str, Any]) -> None:
    assert counted_with_goals("click", metadata, [view("price")]) == (
        counted_with_goals("click", metadata, [])
    )


def test_kinds_fit_their_column() -> None:
    assert len(view().kind) <= 40
    assert len(left_out_kind(view().kind)) <= 40
    assert all(len(event_type) <= 40 for event_type in EventType.values)
    assert UUID(view().kind.removeprefix("goal:"))
