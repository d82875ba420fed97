"""What doesn't decide: results by segment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext

from dashboard.access import Role, staff_view
from dashboard.breakdowns import LABELS, TITLES, breakdown_table
from dashboard.pages import DashboardRequest, render_page
from dashboard.views.experiments import asked_phase, found
from metrics.phase_results import phase_results_for
from metrics.segments import Dimension, TooMuch
from metrics.verdicts import judgement_for

BREAKDOWN = "dashboard/breakdown.html"


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
        "label": gettext(LABELS[dimension]),
        "title": gettext(TITLES[dimension]),
        "dimensions": [(each.value, gettext(label)) for each, label in LABELS.items()],
    }
    if judgement is not None and judgement.verdict.visitors:
        try:
            context["table"] = breakdown_table(judgement, dimension)
        except TooMuch as refusal:
            context["refusal"] = str(refusal)
    return render_page(request, BREAKDOWN, context, part="breakdown")
