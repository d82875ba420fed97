"""What doesn't decide: results by segment, and a plan rehearsed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from dashboard.access import Role, staff_view
from dashboard.breakdowns import LABELS, breakdown_table
from dashboard.pages import DashboardRequest, render_page
from dashboard.rehearsing import RUNS, Busy, rehearsal_of, scenario_of
from dashboard.views.experiments import asked_phase, found
from experiments.models import Plan
from metrics.phase_results import phase_results_for
from metrics.segments import Dimension, TooMuch
from metrics.verdicts import judgement_for

BREAKDOWN, REHEARSAL = "dashboard/breakdown.html", "dashboard/rehearsal.html"


@staff_view({"GET": Role.VIEWER})
def experiment_breakdown(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """A phase's results by `?by=device`, source or day."""
    experiment = found(experiment_id)
    asked = request.GET.get("by", "")
    dimension = Dimension(asked) if asked in list(Dimension) else Dimension.DEVICE
    judgement = judgement_for(phase_results_for(experiment, phase=asked_phase(request)))
    context: dict[str, Any] = {
        "experiment": experiment,
        "judgement": judgement,
        "dimension": dimension,
        "label": LABELS[dimension],
        "dimensions": [(each.value, label) for each, label in LABELS.items()],
    }
    if judgement is not None and judgement.verdict.visitors:
        try:
            context["table"] = breakdown_table(judgement, dimension)
        except TooMuch as refusal:
            context["refusal"] = str(refusal)
    return render_page(request, BREAKDOWN, context, part="breakdown")


@staff_view({"GET": Role.VIEWER, "POST": Role.EDITOR})
def experiment_rehearsal(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """What 2,000 runs of the plan would come to; a POST runs them, and a GET shows the answer."""
    experiment = found(experiment_id)
    plan = Plan.objects.filter(experiment=experiment).first()
    if plan is None:
        messages.info(request, _("There is no plan to rehearse. Save one first."))
        return redirect("dashboard:experiment-detail", experiment_id)
    scenario = scenario_of(experiment, plan)
    context: dict[str, Any] = {"experiment": experiment, "scenario": scenario, "runs": RUNS}
    status = 200
    try:
        context["rehearsal"] = rehearsal_of(scenario, may_run=request.method == "POST")
    except Busy:
        context["is_busy"], status = True, 409
    return render_page(request, REHEARSAL, context, part="answer", status=status)
