"""Counts, plan and phase brought to the rules; and the look at the planned end, taken once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from experiments import services
from experiments.goal_drafts import GoalDraft
from experiments.lifecycle import Status
from experiments.models import Experiment, Plan
from experiments.tests.factories import ExperimentFactory
from metrics.goals import add_goal
from metrics.models import PlannedLook
from metrics.phase_results import current_results_for, phase_results_for
from metrics.stats.look import Direction, Look
from metrics.stats.split_check import check_split
from metrics.stats.types import Arm, Kind, Reason
from metrics.tests.counted import age, count_visitors
from metrics.tests.verdicts import CASES, case, counted, judged
from metrics.verdicts import judgement_for, judgements_for, rules_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", CASES)
def test_verdict_of_each_case_has_its_reason(name: str) -> None:
    reason = judged(case(name)).verdict.reason.value
    expected = {
        "early_winner": "sequence_excludes_zero",
        "early_loser": "sequence_excludes_zero",
        "winner": "planned_test_rejects",
        "loser": "planned_test_rejects",
    }
    assert reason == expected.get(name, name)


def test_draft_has_no_judgement() -> None:
    assert judgement_for(phase_results_for(ExperimentFactory.create(through=[]))) is None


def test_planned_look_is_stored_once_and_later_counts_do_not_change_it() -> None:
    experiment = case("at_planned_end")
    first = judged(experiment)
    assert first.verdict.reason is Reason.AT_PLANNED_END
    stored = PlannedLook.objects.get(experiment_id=experiment.id)
    assert (stored.phase, stored.outcome["arms"]) == (1, [[3900, 390], [3900, 400]])
    # Enough to win, if it were tested again.
    count_visitors(experiment, (4000, 300), (4000, 600), days_ago=0)
    second = judged(experiment)
    assert second.verdict.kind is Kind.NO_DETECTABLE_DIFFERENCE
    assert second.looked_at == stored.taken_at
    assert second.look.arms == (Arm(7900, 690), Arm(7900, 1000))
    assert second.comparisons()[0].p_value == first.comparisons()[0].p_value
    assert PlannedLook.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_planned_look_taken_by_many_at_once_is_one_and_the_same_for_all() -> None:
    experiment = case("winner")

    def look(_: int) -> object:
        try:
            judgement = judged(experiment)
            return judgement.looked_at, judgement.verdict.planned_look
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(look, range(16)))
    assert len({str(answer) for answer in answers}) == 1
    assert PlannedLook.objects.count() == 1


def test_warning_of_the_sample_ratio_stays_once_a_day_has_raised_it() -> None:
    experiment = counted((0, 0), (0, 0))
    for days_ago, control, treatment in ((6, 500, 500), (5, 900, 500)):
        count_visitors(experiment, (control, 50), (treatment, 50), days_ago=days_ago)
    raised = judged(experiment).verdict
    assert (raised.kind, raised.split.observed) == (Kind.DATA_PROBLEM, (1400, 1000))
    # From then on visitors come as they should: the whole looks like chance again.
    count_visitors(experiment, (9800, 980), (10_000, 1000), days_ago=2)
    later = judged(experiment)
    assert later.verdict.kind is Kind.DATA_PROBLEM
    assert later.verdict.split.p_value == raised.split.p_value
    assert not check_split(Look(later.look.arms, later.look.weights, full_days=9)).mismatch


def test_visitors_of_an_earlier_phase_raise_no_warning_in_a_later_one() -> None:
    experiment = counted((900, 50), (500, 50))
    services.update_experiment(experiment_id=experiment.id, traffic_split=[40, 60])
    count_visitors(experiment, (400, 40), (600, 60), phase=2)
    assert not judged(experiment).verdict.split.mismatch
    assert judged(experiment, phase=1).verdict.split.mismatch


def test_before_the_planned_sample_nothing_is_stored() -> None:
    judged(case("before_planned_end"))
    assert not PlannedLook.objects.exists()


def test_plan_that_no_start_has_frozen_is_no_plan() -> None:
    experiment = case("winner")
    Plan.objects.update(frozen_at=None)
    judgement = judged(experiment)
    assert judgement.plan is None
    assert judgement.verdict.planned_visitors is None
    assert rules_of(None) is None


def test_plans_alpha_is_spent_a_fifth_while_running_and_the_rest_at_the_end() -> None:
    rules = rules_of(Plan.objects.get(experiment=case("winner")))
    assert rules is not None
    assert (rules.running_alpha, rules.planned_alpha) == pytest.approx((0.01, 0.04))


def test_phases_are_judged_apart_each_with_its_own_split_and_look() -> None:
    experiment = counted((3900, 390), (3900, 460))
    services.update_experiment(experiment_id=experiment.id, traffic_split=[20, 80])
    age(experiment, 8)
    count_visitors(experiment, (400, 40), (1600, 160), phase=2)
    now, before = judged(experiment), judged(experiment, phase=1)
    assert (now.phase.number, now.look.weights) == (2, (20, 80))
    assert now.look.arms == (Arm(400, 40), Arm(1600, 160))
    assert now.verdict.reason is Reason.BEFORE_PLANNED_END
    assert now.verdict.planned_visitors == 3841 * 5
    assert (before.look.weights, before.verdict.kind) == ((50, 50), Kind.WINNER)
    assert PlannedLook.objects.get().phase == 1


def test_variant_that_came_later_has_no_part_in_an_earlier_phase() -> None:
    experiment = case("winner")
    judged(experiment)
    drafts = [
        services.VariantDraft(name=v.name, weight=w, content=v.content, id=v.id)
        for v, w in zip(experiment.variants.all(), (40, 30), strict=True)
    ]
    services.update_experiment(
        experiment_id=experiment.id,
        variants=[*drafts, services.VariantDraft(name="late", weight=30)],
    )
    assert [v.name for v in judged(experiment).variants] == ["control", "variant_1", "late"]
    before = judged(experiment, phase=1)
    assert [v.name for v in before.variants] == ["control", "variant_1"]
    assert before.verdict.kind is Kind.WINNER


def test_guardrails_are_handed_over_with_their_bad_direction() -> None:
    experiment = ExperimentFactory.create(through=[])
    for name, kind, harm in (
        ("Clicks", "click", "increase"),
        ("Scrolls", "scroll_depth", "decrease"),
    ):
        add_goal(
            experiment_id=experiment.id, draft=GoalDraft(name, "guardrail", (kind,), harm=harm)
        )
    services.update_experiment(experiment_id=experiment.id, status=Status.ACTIVE)
    count_visitors(experiment, (1000, 100), (1000, 100), others={"click": 7, "scroll_depth": 9})
    clicks, scrolls = judged(experiment).look.guardrails
    assert (clicks.name, clicks.worse, clicks.arms[1]) == ("Clicks", Direction.UP, Arm(1000, 7))
    assert (scrolls.worse, scrolls.arms[0]) == (Direction.DOWN, Arm(1000, 9))


def test_judging_many_needs_as_many_queries_as_judging_one() -> None:
    def queries() -> int:
        results = list(current_results_for(list(Experiment.objects.all())).values())
        with CaptureQueriesContext(connection) as captured:
            judgements = judgements_for(results)
        assert len(judgements) == len(results)
        return len(captured)

    case("before_planned_end")
    for_one = queries()
    for name in ("too_few_days", "early_winner", "without_plan"):
        case(name)
    assert queries() == for_one == 2


def test_counts_that_cannot_be_are_refused_with_the_numbers() -> None:
    experiment = case("before_planned_end")
    count_visitors(experiment, (0, 5000), days_ago=2)
    with pytest.raises(ValueError, match="5200 conversions of 2000 visitors cannot be"):
        judged(experiment)
