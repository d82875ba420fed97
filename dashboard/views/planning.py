"""Planning a draft, and starting it with its plan."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.access import Role, staff_view
from dashboard.pages import DashboardRequest, go_to, render_page
from dashboard.planner import Planner, Press
from dashboard.views.experiments import found
from experiments.lifecycle import Status, TransitionForbidden
from experiments.services import Refused

TEMPLATE = "dashboard/experiment_plan.html"
STARTED = gettext_lazy(
    "“%(name)s” runs now, and its plan is frozen. Visitors get their variants from the next page "
    "on."
)


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def experiment_plan(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """The plan's form. A GET with figures is answered with what they take, while one types."""
    experiment = found(experiment_id)
    if experiment.status != Status.DRAFT:
        messages.info(request, _("The plan was frozen when the experiment started."))
        return redirect("dashboard:experiment-detail", experiment_id)
    if request.method == "POST":
        return _act(request, Planner(experiment, request.POST))
    planner = Planner(experiment, request.GET if "baseline_rate" in request.GET else None)
    return render_page(request, TEMPLATE, {"planner": planner}, part="answer")


def _act(request: DashboardRequest, planner: Planner) -> HttpResponse:
    if planner.forecast is None:
        return _show(request, planner, status=422)
    if planner.press is Press.CHECK:
        return _show(request, planner, status=200)
    try:
        return _save_or_start(request, planner)
    except (Refused, TransitionForbidden) as refusal:
        planner.refusals = [str(refusal)]
        return _show(request, planner, status=409)


def _save_or_start(request: DashboardRequest, planner: Planner) -> HttpResponse:
    name = planner.experiment.name
    if planner.press is Press.SAVE:
        planner.save()
        messages.success(request, _("The plan of “%(name)s” is saved.") % {"name": name})
    else:
        planner.start()
        messages.success(request, STARTED % {"name": name})
    return go_to(request, "dashboard:experiment-detail", planner.experiment.id)


def _show(request: DashboardRequest, planner: Planner, *, status: int) -> HttpResponse:
    return render_page(request, TEMPLATE, {"planner": planner}, part="planner", status=status)
