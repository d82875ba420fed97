"""Experiments whose verdict is known, by way of the counts that lead to it."""

from __future__ import annotations

from typing import Any

from experiments import plans
from experiments.models import Experiment
from experiments.plans import PlanDraft
from experiments.tests.factories import ExperimentFactory
from metrics.phase_results import phase_results_for
from metrics.tests.counted import age, count_visitors
from metrics.verdicts import Judgement, judgement_for

PLAN = PlanDraft(baseline_rate=0.1, minimum_lift=0.2, power=0.8, visitors_per_variant=3841, days=14)


def counted(
    *arms: tuple[int, int], days: int = 9, plan: PlanDraft | None = PLAN, **kwargs: Any
) -> Experiment:
    """Make an experiment that began days ago, with a plan, and had these visitors yesterday."""
    experiment = ExperimentFactory.create(through=[], **kwargs)
    plans.start_experiment(experiment_id=experiment.id, plan=plan)
    age(experiment, days)
    count_visitors(experiment, *arms, days_ago=1)
    return Experiment.objects.with_variants().get(pk=experiment.pk)


def judged(experiment: Experiment, phase: int | None = None) -> Judgement:
    fresh = Experiment.objects.get(pk=experiment.pk)
    judgement = judgement_for(phase_results_for(fresh, phase=phase))
    assert judgement is not None
    return judgement


# By name: the arms, the days, and whether there is a plan.
CASES: dict[str, dict[str, Any]] = {
    "fewer_than_two_arms": {"arms": [(150, 20), (0, 0)]},
    "sample_ratio_mismatch": {"arms": [(5500, 600), (4500, 600)]},
    "too_few_visitors": {"arms": [(99, 20), (120, 20)]},
    "too_few_conversions": {"arms": [(200, 20), (200, 9)]},
    "too_few_days": {"arms": [(1000, 100), (1000, 120)], "days": 3},
    "early_winner": {"arms": [(3000, 300), (3000, 450)]},
    "early_loser": {"arms": [(3000, 450), (3000, 300)]},
    "before_planned_end": {"arms": [(2000, 200), (2000, 210)]},
    "without_plan": {"arms": [(2000, 200), (2000, 210)], "plan": None},
    "winner": {"arms": [(3900, 390), (3900, 460)]},
    "loser": {"arms": [(3900, 460), (3900, 390)]},
    "at_planned_end": {"arms": [(3900, 390), (3900, 400)]},
}


def case(name: str) -> Experiment:
    settings = dict(CASES[name])
    return counted(*settings.pop("arms"), **settings)
