"""Breakdowns equal a count by brute force, sum to the phase, and say what they can't know."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection

from experiments.event_types import EventType
from experiments.models import Assignment, Experiment
from experiments.tests.factories import ExperimentFactory, variants_of
from metrics import partitions
from metrics import segments as module
from metrics.ingest.payload import Incoming, Submission
from metrics.ingest.record import record
from metrics.kinds import CONVERSION
from metrics.segments import Breakdown, Dimension, Segment, TooMuch, breakdown_for
from metrics.sql import statement
from metrics.stats.types import Arm
from metrics.tests.factories import assigned_visitor, event_of
from metrics.tests.pruned import NEXT, OLD, prune

pytestmark = pytest.mark.django_db

BEGAN = datetime(2026, 1, 28, 12, tzinfo=UTC)
SOURCES = ["direct", "mail", "news.example", *(f"site-{n}.example" for n in range(9))]


@pytest.fixture(autouse=True)
def months(db: None) -> None:
    """Made ahead: within a test's transaction nobody can make them by need."""
    partitions.ensure_months([OLD, NEXT])


def taken(experiment: Experiment, dimension: Dimension, phase: int = 1) -> Breakdown:
    cache.clear()
    return breakdown_for(experiment.id, phase=phase, kind=CONVERSION, dimension=dimension)


def arrive(
    experiment: Experiment,
    metadata: dict[str, Any],
    *,
    converts: bool = False,
    moment: datetime = BEGAN,
) -> str:
    """Let a new visitor view the page, convert perhaps, and return their id."""
    visitor = assigned_visitor(experiment)
    view = event_of(experiment, *visitor, moment=moment, metadata=json.dumps(metadata))
    later = moment + timedelta(minutes=1)
    events = [view]
    if converts:
        events.append(event_of(experiment, *visitor, EventType.CTA_CLICK, moment=later))
    keep(events)
    return visitor[0]


def keep(events: list[Incoming]) -> None:
    [written] = record([Submission(tuple(events), is_batch=True)])
    assert written.reason is None


def named(breakdown: Breakdown) -> dict[str, Arm]:
    """Return each segment's visitors and conversions over all variants."""
    return {
        segment.name or ("other" if segment.is_other else "unknown"): Arm(
            segment.visitors, sum(arm.conversions for arm in segment.arms.values())
        )
        for segment in breakdown.segments
    }


def random_events(experiment: Experiment, rng: Random) -> list[Incoming]:
    """Return what a random visitor does, in random order: views, clicks, or one of these alone."""
    visitor = assigned_visitor(experiment)
    events = []
    for _ in range(rng.randint(1, 4)):
        kind = rng.choice([EventType.PAGE_VIEW, EventType.PAGE_VIEW, *EventType])
        metadata = rng.choice(
            [
                {},
                {"device": rng.choice(["phone", "tablet", "desktop", "watch", 7, None])},
                {"source": rng.choice([*SOURCES, *SOURCES[:3] * 3, "", 3, {"a": 1}])},
                {"device": "phone", "source": rng.choice(SOURCES)},
            ]
        )
        moment = BEGAN + timedelta(minutes=rng.randrange(60 * 24 * 9))
        event = event_of(experiment, *visitor, kind, moment=moment)
        events.append(event._replace(metadata=json.dumps(metadata)))
    return sorted(events, key=lambda event: str(event.moment))


def expected(events: list[list[Incoming]], dimension: Dimension) -> dict[str, dict[str, list[int]]]:
    """Count by hand: {segment: {variant id: [visitors, conversions]}}; nothing is cut off."""
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for own in events:
        views = [event for event in own if event.event_type == "page_view"]
        metadata = json.loads(views[0].metadata) if views else {}
        segment = metadata.get(dimension.value)
        if dimension is Dimension.DAY:
            assert own[0].moment is not None
            segment = own[0].moment.date().isoformat()
        elif dimension is Dimension.DEVICE:
            segment = segment if segment in ("phone", "tablet", "desktop") else ""
        else:
            segment = segment if isinstance(segment, str) else ""
        arm = counts[segment][own[0].variant_id]
        arm[0] += 1
        arm[1] += any(event.event_type in ("cta_click", "form_submit") for event in own)
    return {segment: dict(arms) for segment, arms in counts.items()}


@pytest.mark.parametrize("dimension", list(Dimension))
def test_breakdown_of_random_visitors_equals_a_count_by_hand(dimension: Dimension) -> None:
    rng = Random(f"{dimension}")
    experiment = ExperimentFactory(split=[40, 40, 20])
    other = ExperimentFactory()
    events = [random_events(experiment, rng) for _ in range(250)]
    for own in events:
        keep(own)
    for _ in range(20):
        keep(random_events(other, rng))
    second = {own[0].visitor_id for own in events if rng.random() < 0.4}
    Assignment.objects.filter(visitor_id__in=second).update(phase=2)
    for phase in (1, 2):
        of_phase = [own for own in events if (own[0].visitor_id in second) == (phase == 2)]
        truth = expected(of_phase, dimension)
        breakdown = taken(experiment, dimension, phase)
        found = {
            segment.name: {str(v): [a.visitors, a.conversions] for v, a in segment.arms.items()}
            for segment in breakdown.segments
            if not segment.is_other
        }
        assert found == {name: truth[name] for name in found}
        left = [arms for name, arms in truth.items() if name not in found]
        others = [segment for segment in breakdown.segments if segment.is_other]
        assert bool(left) == bool(others)
        for variant in variants_of(experiment):
            rest = [arms.get(str(variant.id), [0, 0]) for arms in left]
            in_others = sum(segment.arm(variant.id).visitors for segment in others)
            assert in_others == sum(visitors for visitors, _ in rest)
        assert breakdown.visitors == len(of_phase)
        unknown = sum(visitors for visitors, _ in truth.get("", {}).values())
        assert breakdown.known == len(of_phase) - unknown


def test_breakdown_without_visitors_is_empty() -> None:
    breakdown = taken(ExperimentFactory(), Dimension.SOURCE)
    assert (breakdown.segments, breakdown.visitors, breakdown.known) == ((), 0, 0)


def test_breakdown_by_device_is_in_one_order_and_names_the_unknown_last() -> None:
    experiment = ExperimentFactory()
    for device, visitors in (("desktop", 3), ("watch", 4), ("tablet", 1), ("phone", 2)):
        for n in range(visitors):
            arrive(experiment, {"device": device}, converts=n == 0)
    breakdown = taken(experiment, Dimension.DEVICE)
    assert named(breakdown) == {
        "phone": Arm(2, 1),
        "tablet": Arm(1, 1),
        "desktop": Arm(3, 1),
        "unknown": Arm(4, 1),
    }
    assert list(named(breakdown)) == ["phone", "tablet", "desktop", "unknown"]
    assert (breakdown.visitors, breakdown.known, breakdown.pruned) == (10, 6, ())


def test_breakdown_by_source_names_the_eight_largest_and_sums_the_rest() -> None:
    experiment = ExperimentFactory()
    sizes = Counter({f"site-{n}": n for n in range(1, 11)})
    for source in sizes.elements():
        arrive(experiment, {"source": source})
    arrive(experiment, {})
    found = named(taken(experiment, Dimension.SOURCE))
    assert list(found) == [*(f"site-{n}" for n in range(10, 2, -1)), "other", "unknown"]
    assert (found["other"], found["unknown"]) == (Arm(3, 0), Arm(1, 0))


def test_breakdown_goes_by_the_first_view_only() -> None:
    experiment = ExperimentFactory()
    visitor_id = arrive(experiment, {"source": "mail"})
    variant_id = str(Assignment.objects.get(visitor_id=visitor_id).variant_id)
    later = event_of(experiment, visitor_id, variant_id, moment=BEGAN + timedelta(days=1))
    keep([later._replace(metadata='{"source": "news.example"}')])
    assert named(taken(experiment, Dimension.SOURCE)) == {"mail": Arm(1, 0)}


def test_breakdown_of_visitors_without_a_view_calls_them_unknown() -> None:
    experiment = ExperimentFactory()
    keep([event_of(experiment, *assigned_visitor(experiment), EventType.CTA_CLICK, moment=BEGAN)])
    assert named(taken(experiment, Dimension.DEVICE)) == {"unknown": Arm(1, 1)}
    assert named(taken(experiment, Dimension.DAY)) == {"2026-01-28": Arm(1, 1)}


@pytest.mark.usefixtures("only_usual_months")
@pytest.mark.django_db(transaction=True)
def test_breakdown_after_pruning_says_so_and_takes_no_later_view_for_the_first() -> None:
    experiment = ExperimentFactory()
    early = arrive(experiment, {"source": "mail"})
    variant_id = str(Assignment.objects.get(visitor_id=early).variant_id)
    next_day = datetime(NEXT.year, NEXT.month, 2, tzinfo=UTC)
    again = event_of(experiment, early, variant_id, moment=next_day)
    keep([again._replace(metadata='{"source": "news.example"}')])
    arrive(experiment, {"source": "search.example"}, moment=next_day)
    assert set(named(taken(experiment, Dimension.SOURCE))) == {"mail", "search.example"}
    prune()
    breakdown = taken(experiment, Dimension.SOURCE)
    assert named(breakdown) == {"search.example": Arm(1, 0), "unknown": Arm(1, 0)}
    assert (breakdown.visitors, breakdown.known, breakdown.pruned) == (2, 1, (OLD,))
    by_day = taken(experiment, Dimension.DAY)
    assert (by_day.known, by_day.pruned) == (2, ())
    assert list(named(by_day)) == ["2026-01-28", "2026-02-02"]


def test_breakdown_is_kept_for_a_minute() -> None:
    experiment = ExperimentFactory()
    first = taken(experiment, Dimension.DAY)
    arrive(experiment, {})
    again = breakdown_for(experiment.id, phase=1, kind=CONVERSION, dimension=Dimension.DAY)
    assert again == first
    assert taken(experiment, Dimension.DAY).visitors == 1


@pytest.mark.usefixtures("only_usual_months")
@pytest.mark.django_db(transaction=True)
def test_breakdown_that_takes_too_long_is_stopped_told_and_not_tried_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def sleeping(name: str) -> str:
        if name != "segments":
            return statement(name)
        asked.append(name)
        return "SELECT pg_sleep(20)"

    monkeypatch.setattr(module, "SECONDS", 0.2)
    monkeypatch.setattr(module, "statement", sleeping)
    experiment = ExperimentFactory()
    for _ in range(2):
        with pytest.raises(TooMuch, match=r"took longer than 0\.2 seconds and was stopped"):
            breakdown_for(experiment.id, phase=1, kind=CONVERSION, dimension=Dimension.DEVICE)
    assert asked == ["segments"]
    # The connection is as it was.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), current_setting('enable_nestloop')"
        )
        assert cursor.fetchone() == ("0", "on")


def test_segment_without_a_variant_has_nobody_in_it() -> None:
    assert Segment("phone", False, False, {}).arm(UUID(int=1)) == Arm(0, 0)
