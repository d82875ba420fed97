"""What a plan takes, what would be possible where it isn't, and what the past tells it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from experiments.models import Experiment, Goal, Page
from experiments.models.goal import GoalRole
from experiments.tests.factories import ExperimentFactory
from metrics.history import Traffic, recent_baseline, recent_traffic
from metrics.kinds import CONVERSION, EXPOSURE
from metrics.models import DailyCount
from metrics.planning import Forecast, ImpossiblePlan, forecast_for
from metrics.stats.power import sample_size
from metrics.stats.types import Arm

TODAY = date(2026, 3, 2)


def forecast(weights: Sequence[int] = (50, 50), **changes: Any) -> Forecast:
    typed: dict[str, Any] = {"baseline_rate": 0.2, "minimum_lift": 0.25, "power": 0.8}
    typed |= {"visitors_per_day": 100.0, "today": TODAY, **changes}
    return forecast_for(weights=weights, **typed)


def test_forecast_of_the_textbook_example_is_the_published_sample() -> None:
    plan = forecast()
    assert (plan.per_variant, plan.total) == (1094, 2188)
    # 21.88 days, in whole weeks.
    assert (plan.duration.days, plan.duration.weeks) == (28, 4)
    assert plan.ends_on == date(2026, 3, 30)
    assert plan.expected_rate == pytest.approx(0.25)


def test_forecast_of_several_treatments_shares_alpha_and_counts_no_empty_share() -> None:
    plan = forecast((40, 20, 20, 20, 0))
    assert plan.treatments == 3
    assert plan.alpha == pytest.approx(0.05 / 3)
    assert plan.per_variant == sample_size(0.2, 0.25, 0.05 / 3, 0.8).per_arm
    # For the smallest share, a fifth of everybody.
    assert plan.total == plan.per_variant * 5


@pytest.mark.parametrize("visitors_per_day", [None, 0.0])
def test_forecast_without_traffic_knows_the_sample_and_no_date(
    visitors_per_day: float | None,
) -> None:
    plan = forecast(visitors_per_day=visitors_per_day)
    assert plan.per_variant == 1094
    assert (plan.duration.days, plan.ends_on, plan.horizons) == (None, None, ())


def test_forecast_beyond_ten_years_names_no_date() -> None:
    assert forecast(minimum_lift=0.001, visitors_per_day=1.0).ends_on is None


def test_horizons_are_what_the_weeks_visitors_find() -> None:
    horizons = forecast().horizons
    assert [horizon.weeks for horizon in horizons] == [1, 2, 4, 8]
    lifts = [horizon.lift for horizon in horizons if horizon.lift]
    assert lifts == sorted(lifts, reverse=True)
    lift = lifts[2]
    assert sample_size(0.2, 0.2 * (1 + lift)).exact == pytest.approx(100 * 28 / 2)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"baseline_rate": 0.4, "minimum_lift": 1.6},
            "minimum_lift",
            "A baseline of 40 % allows a lift of at most 150 %.",
        ),
        (
            {"baseline_rate": 0.3, "minimum_lift": 3.0},
            "minimum_lift",
            "A baseline of 30 % allows a lift of at most 233.3 %.",
        ),
        (
            {"baseline_rate": 0.0},
            "baseline_rate",
            "A baseline rate lies between 0.01 % and 99.99 %.",
        ),
        (
            {"baseline_rate": 1.0},
            "baseline_rate",
            "A baseline rate lies between 0.01 % and 99.99 %.",
        ),
        (
            {"minimum_lift": 0.0},
            "minimum_lift",
            "The smallest lift lies between 0.1 % and 10,000 %.",
        ),
        (
            {"visitors_per_day": -1.0},
            "visitors_per_day",
            "Visitors per day lie between 0 and 1,000,000,000.",
        ),
    ],
)
def test_impossible_plan_says_beside_the_field_what_would_be_possible(
    changes: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(ImpossiblePlan) as refused:
        forecast(**changes)
    assert refused.value.problems == {field: sentence}


def test_largest_lift_that_is_named_can_be_planned() -> None:
    assert forecast(baseline_rate=0.4, minimum_lift=1.5).expected_rate == 1
    assert forecast(baseline_rate=0.3, minimum_lift=2.333).per_variant > 0


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [((0, 100), "The control gets no visitors"), ((100, 0), "Only the control gets visitors")],
)
def test_split_without_a_comparison_is_told(weights: Sequence[int], sentence: str) -> None:
    with pytest.raises(ImpossiblePlan, match=sentence):
        forecast(weights)


def count(experiment: Experiment, day: date, position: int, kind: str, visitors: int) -> None:
    DailyCount.objects.create(
        experiment=experiment,
        variant=experiment.variants.get(position=position),
        day=day,
        kind=kind,
        slot=0,
        events=visitors,
        visitors=visitors,
    )


@pytest.mark.django_db
def test_recent_traffic_is_of_the_busiest_experiment_on_days_that_are_over() -> None:
    busy, calm = ExperimentFactory.create(), ExperimentFactory.create()
    today = timezone.now().date()
    assert recent_traffic(busy.page_id, today) is None
    count(busy, today, 0, EXPOSURE, 50)
    assert recent_traffic(busy.page_id, today) == Traffic(50, 1)
    for days_ago, visitors in ((1, 100), (2, 300), (40, 10_000)):
        count(busy, today - timedelta(days=days_ago), 0, EXPOSURE, visitors)
        count(calm, today - timedelta(days=days_ago), 1, EXPOSURE, 30)
    assert recent_traffic(busy.page_id, today) == Traffic(200, 2)


@pytest.mark.django_db
def test_past_of_another_page_tells_a_plan_nothing() -> None:
    experiment, elsewhere = ExperimentFactory.create(), ExperimentFactory.create()
    page = Page.objects.create(slug="elsewhere", name="Elsewhere")
    Experiment.objects.filter(pk=elsewhere.pk).update(page=page)
    today = timezone.now().date()
    for kind, visitors in ((EXPOSURE, 1000), (CONVERSION, 500)):
        count(elsewhere, today, 0, kind, visitors)
    goals = Goal.objects.filter(role=GoalRole.PRIMARY)
    assert recent_traffic(experiment.page_id, today) is None
    assert recent_baseline(goals.get(experiment=experiment), today) is None
    assert recent_traffic(page.id, today) == Traffic(1000, 1)
    assert recent_baseline(goals.get(experiment=elsewhere), today) == Arm(1000, 500)


@pytest.mark.django_db
def test_recent_baseline_is_the_controls_rate_and_none_where_too_few() -> None:
    experiment, other = ExperimentFactory.create(), ExperimentFactory.create()
    goal = Goal.objects.get(experiment=experiment, role=GoalRole.PRIMARY)
    today = timezone.now().date()
    count(experiment, today, 0, EXPOSURE, 99)
    count(experiment, today, 0, CONVERSION, 30)
    assert recent_baseline(goal, today) is None
    count(other, today, 0, EXPOSURE, 101)
    count(other, today, 0, CONVERSION, 10)
    count(other, today, 1, EXPOSURE, 5000)
    count(other, today - timedelta(days=29), 0, EXPOSURE, 5000)
    assert recent_baseline(goal, today) == Arm(200, 40)


@pytest.mark.django_db
def test_recent_baseline_of_an_own_goal_is_of_goals_defined_alike() -> None:
    experiments = [ExperimentFactory.create() for _ in range(3)]
    today = datetime.now(UTC).date()
    for experiment, types in zip(experiments, (["click"], ["click"], ["page_view"]), strict=True):
        Goal.objects.create(
            experiment=experiment,
            position=1,
            name="Own",
            role=GoalRole.SECONDARY,
            event_types=types,
            kind=f"goal:{experiment.id.hex[:8]}",
        )
        count(experiment, today, 0, EXPOSURE, 1000)
        count(experiment, today, 0, f"goal:{experiment.id.hex[:8]}", 100)
    goal = Goal.objects.get(experiment=experiments[0], position=1)
    # Who never could reach it says nothing of how many would.
    assert recent_baseline(goal, today) == Arm(2000, 200)
