"""One experiment's results, put together for its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from dashboard.actions import Action, actions_for
from dashboard.decisions import named_control
from dashboard.event_types import TypeRow, type_rows
from dashboard.goal_rows import GoalRow, SumRow, goal_rows, sum_rows
from dashboard.overview import Share, shares_of
from dashboard.plots import Plot
from dashboard.progress import Progress, progress_of
from dashboard.rate_plots import funnel_plot, lift_plot, rates_plot
from dashboard.rows import ArmRow, NeedRow, SplitRow, arm_rows, need_rows, split_rows
from dashboard.sentences import Statement, statement_of
from dashboard.trend import trend_plots
from dashboard.words import Words, decision_word
from experiments.content import CONTENT_KEYS
from experiments.lifecycle import Status
from experiments.models import Experiment, Goal, Phase, Plan, Variant
from experiments.roles import AnyUser
from metrics.phase_results import GoalResult, phase_results_for
from metrics.shown import Reason, Shown, shown_for
from metrics.stats.chi_squared import IndependenceTest, independence_test
from metrics.stats.comparisons import Comparison
from metrics.verdicts import Judgement, judgement_for

EXCLUSIONS = {
    Reason.BOT: gettext_lazy("Bots"),
    Reason.PREFETCH: gettext_lazy("Prefetched, not looked at"),
    Reason.PRIVACY_SIGNAL: gettext_lazy("Asked not to be tracked (GPC, DNT)"),
    Reason.STAFF: gettext_lazy("Staff, signed in"),
    Reason.PREVIEW: gettext_lazy("Previews"),
    Reason.NOT_ENROLLED: gettext_lazy("New while the experiment was paused"),
    Reason.DATABASE_DOWN: gettext_lazy("Database away"),
}


@dataclass(frozen=True, slots=True)
class Texts:
    """What one variant changes on the page, by the labels of the content keys."""

    variant: Variant
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of one phase that has visitors."""

    judgement: Judgement
    statement: Statement
    progress: Progress | None
    rows: tuple[ArmRow, ...]
    needs: tuple[NeedRow, ...]
    split: tuple[SplitRow, ...]
    goals: tuple[GoalRow, ...]
    sums: tuple[SumRow, ...]
    plots: Mapping[str, Plot]
    types: tuple[TypeRow, ...]
    test: IndependenceTest

    @property
    def is_withheld(self) -> bool:
        return self.judgement.is_withheld

    @property
    def is_collecting(self) -> bool:
        """Whether what it needs is told instead of what it may come to."""
        return self.judgement.is_below_floor

    @property
    def late_goals(self) -> list[GoalResult]:
        """Goals that were added after the start, whose past was counted from raw events."""
        return [r for r in self.judgement.results.goals if r.goal.counted_since is not None]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that an experiment's page says. Without visitors there are no findings."""

    experiment: Experiment
    phases: tuple[Phase, ...]
    phase: Phase | None
    goal: Goal
    plan: Plan | None
    findings: Findings | None
    shown: Shown
    shares: tuple[Share, ...]
    content: tuple[Texts, ...]
    actions: tuple[Action, ...]
    updated_at: datetime

    @property
    def is_counting(self) -> bool:
        return self.experiment.status in (Status.ACTIVE, Status.PAUSED)

    @property
    def exclusions(self) -> list[tuple[Any, int]]:
        """Why pages weren't counted, in words, each with how many."""
        return [(EXCLUSIONS[reason], pages) for reason, pages in self.shown.excluded.items()]

    @property
    def decision(self) -> Words | None:
        """What was made of it in the end, in a word."""
        return decision_word(self.experiment)

    @property
    def shown_variant(self) -> str:
        """What everybody sees once it is completed."""
        if self.experiment.winner:
            return self.experiment.winner.name
        return named_control(self.experiment.variants.all()[0])

    @property
    def url(self) -> str:
        """Where to ask for the same results again."""
        page = reverse("dashboard:experiment-detail", args=[self.experiment.id])
        return page if self.is_current or not self.phase else f"{page}?phase={self.phase.number}"

    @property
    def is_current(self) -> bool:
        """Whether the page is about the last phase, which it is unless another is asked for."""
        return not self.phases or self.phase == self.phases[-1]


def report_of(experiment: Experiment, user: AnyUser, *, phase: int | None = None) -> Report:
    """Return the page's figures for an experiment whose variants are fetched.

    Raises Phase.DoesNotExist for a phase that it never had.
    """
    results = phase_results_for(experiment, phase=phase)
    judgement = judgement_for(results)
    return Report(
        experiment=experiment,
        phases=tuple(experiment.phases.all()),
        phase=results.phase,
        goal=results.primary.goal,
        # Of a started experiment only a plan that its start has frozen.
        plan=judgement.plan if judgement else Plan.objects.filter(experiment=experiment).first(),
        findings=_findings(judgement) if judgement and judgement.verdict.visitors else None,
        shown=shown_for(experiment.id),
        shares=shares_of(experiment),
        content=tuple(
            Texts(variant, _texts(variant.content)) for variant in experiment.variants.all()
        ),
        actions=actions_for(experiment, user),
        updated_at=timezone.now(),
    )


def _findings(judgement: Judgement) -> Findings:
    compared = _compared(judgement)
    return Findings(
        judgement=judgement,
        statement=statement_of(judgement),
        progress=progress_of(judgement),
        rows=arm_rows(judgement, compared),
        needs=need_rows(judgement),
        split=split_rows(judgement),
        goals=goal_rows(judgement),
        sums=sum_rows(judgement),
        plots=_plots(judgement, compared),
        types=type_rows(judgement),
        test=independence_test(judgement.look.arms),
    )


def plots_of(judgement: Judgement) -> Mapping[str, Plot]:
    """Return the charts of a phase's page by name: those that may be shown. One query."""
    return _plots(judgement, _compared(judgement))


def _plots(judgement: Judgement, compared: Mapping[int, Comparison]) -> Mapping[str, Plot]:
    now = []
    # Below the floor a picture of rates would only tempt.
    if not judgement.is_below_floor:
        drawn = (rates_plot(judgement), lift_plot(judgement, compared), funnel_plot(judgement))
        now = [plot for plot in drawn if plot]
    return {plot.name: plot for plot in (*now, *trend_plots(judgement))}


def _compared(judgement: Judgement) -> Mapping[int, Comparison]:
    """Return the comparisons by place among the arms; none where they are withheld."""
    if judgement.is_withheld:
        return {}
    return {comparison.index: comparison for comparison in judgement.comparisons()}


def _texts(content: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (entry.label, content[entry.key]) for entry in CONTENT_KEYS if entry.key in content
    )
