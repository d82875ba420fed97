"""Counting once more, in plain Python over every raw event: what the counts must equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from experiments.conditions import Condition, Operator
from experiments.goal_drafts import GoalDraft
from experiments.models import Assignment, Experiment, Goal
from metrics.models import DailyCount, DailySum, Event

# By phase, variant and kind: events, and visitors.
Counts = Mapping[tuple[int, UUID, str], tuple[int, int]]
# By phase, variant and kind: the sum of visitors' totals, and that of their squares.
Sums = Mapping[tuple[int, UUID, str], tuple[Decimal, Decimal]]

# Goals of each sort, and metadata that reach them, nearly reach them, or are nonsense.
GOALS = (
    GoalDraft(
        "Read on",
        event_types=("scroll_depth", "page_view"),
        conditions=(Condition("depth", Operator.AT_LEAST, 75),),
    ),
    GoalDraft(
        "Pro",
        role="guardrail",
        harm="decrease",
        event_types=("click", "cta_click", "form_submit"),
        conditions=(
            Condition("plan", Operator.CONTAINS, "pro"),
            Condition("plan", Operator.NOT_EQUAL, "pro-free"),
        ),
    ),
    GoalDraft(
        "Revenue",
        event_types=("click", "form_submit"),
        conditions=(Condition("plan", Operator.EXISTS),),
        measure="sum",
        value_key="price",
    ),
    GoalDraft("Depth", event_types=("scroll_depth",), measure="sum", value_key="depth"),
)
METADATA: tuple[dict[str, Any], ...] = (
    {},
    {"depth": 75, "plan": "pro-free"},
    {"depth": 74.99, "plan": "pro", "price": 19.99},
    {"depth": "75", "plan": None, "price": "19.99"},
    {"depth": 100, "plan": "my pro plan", "price": 0.1},
    {"depth": True, "plan": "pro", "price": -4},
    {"depth": 1e300, "plan": 5, "price": 10**13},
)


def counted(experiment: Experiment) -> tuple[Counts, Sums]:
    """Return what the daily counts and the daily sums say."""
    at = ("phase", "variant_id", "kind")
    counts = (
        DailyCount.objects.filter(experiment=experiment)
        .values_list(*at)
        .annotate(Sum("events"), Sum("visitors"))
    )
    sums = (
        DailySum.objects.filter(experiment=experiment)
        .values_list(*at)
        .annotate(Sum("total"), Sum("squares"))
    )
    return {tuple(c[:3]): tuple(c[3:]) for c in counts}, {tuple(s[:3]): tuple(s[3:]) for s in sums}


def brute_force(experiment: Experiment) -> tuple[Counts, Sums]:
    """Count the raw events of an experiment."""
    phases = dict(
        Assignment.objects.filter(experiment=experiment).values_list("visitor_id", "phase")
    )
    goals = list(experiment.goals.all())
    events: dict[Any, int] = defaultdict(int)
    visitors: dict[Any, set[UUID]] = defaultdict(set)
    totals: dict[Any, dict[UUID, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for event in Event.objects.filter(experiment=experiment):
        kinds = {"exposure", event.event_type, *_shared(event.event_type)}
        for goal in goals:
            kinds |= set(_own(goal, event))
            value = _value(goal, event)
            if value is not None:
                at = (phases[event.visitor_id], event.variant_id, goal.kind)
                totals[at][event.visitor_id] += value
        for kind in kinds:
            at = (phases[event.visitor_id], event.variant_id, kind)
            events[at] += 1
            visitors[at].add(event.visitor_id)
    return (
        {at: (events[at], len(visitors[at])) for at in events},
        {at: (_sum(t.values()), _sum(v * v for v in t.values())) for at, t in totals.items()},
    )


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, Decimal())


def _shared(event_type: str) -> set[str]:
    return {"conversion"} if event_type in ("cta_click", "form_submit") else set()


def _own(goal: Goal, event: Event) -> Iterator[str]:
    if not goal.kind.startswith("goal:") or not _is_reached(goal, event):
        return
    if goal.measure == "conversion" or _value(goal, event) is not None:
        yield goal.kind
    elif event.metadata.get(goal.value_key) is not None:
        yield goal.kind.replace("goal:", "left:")


def _value(goal: Goal, event: Event) -> Decimal | None:
    found = event.metadata.get(goal.value_key)
    if goal.measure != "sum" or not _is_reached(goal, event) or type(found) not in (int, float):
        return None
    if abs(found) > 10**12:
        return None
    return Decimal(str(found)).quantize(Decimal("1e-6"), ROUND_HALF_UP)


def _is_reached(goal: Goal, event: Event) -> bool:
    return event.event_type in goal.event_types and all(
        _is_met(event.metadata.get(c["key"]), c["operator"], c.get("value"))
        for c in goal.conditions
    )


def _is_met(found: Any, operator: str, wanted: Any) -> bool:
    """Decide the few conditions that GOALS have."""
    if found is None:
        return False
    if operator == ">=":
        return type(found) in (int, float) and bool(found >= wanted)
    if operator == "contains":
        return isinstance(found, str) and wanted in found
    return operator == "exists" or bool(found != wanted)
