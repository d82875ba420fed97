"""The tab “Plan”, the plan as a step of making an experiment, and the start with it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.access import Role, staff_view
from dashboard.pages import DashboardRequest, go_to, render_page
from dashboard.planner import Planner, Press
from dashboard.setup import Leave, Step, url_after
from dashboard.views.experiments import found
from experiments import roles
from experiments.lifecycle import Status, TransitionForbidden
from experiments.models import Experiment, Plan
from experiments.services import Refused

TEMPLATE = "dashboard/experiment_plan.html"
TO_READ = "dashboard/experiment_planned.html"
STARTED = gettext_lazy(
    "“%(name)s” runs now, and its plan is frozen. Visitors get their variants from the next page "
    "on."
)


@staff_view({"GET": Role.VIEWER, "POST": Role.EDITOR})
def experiment_plan(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """A draft's plan as a form. Viewers, and everybody once it is frozen, get it to read."""
    experiment = found(experiment_id)
    if experiment.status == Status.DRAFT and roles.can_edit(request.user):
        return _plan(request, experiment, is_setup=False)
    if request.method == "POST":
        messages.info(request, _("The plan was frozen when the experiment started."))
        return go_to(request, "dashboard:experiment-plan", experiment_id)
    context = {
        "experiment": experiment,
        "plan": Plan.objects.filter(experiment=experiment).first(),
        "may_edit": roles.can_edit(request.user),
        "goals": experiment.goals.all(),
    }
    return render(request, TO_READ, context)


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def setup_plan(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """The same form as one of several steps."""
    experiment = found(experiment_id)
    if experiment.status != Status.DRAFT:
        return redirect("dashboard:experiment-plan", experiment_id)
    return _plan(request, experiment, is_setup=True)


def _plan(request: DashboardRequest, experiment: Experiment, *, is_setup: bool) -> HttpResponse:
    """Show the form; a GET with figures is answered with what they take, while one types."""
    if request.method == "POST":
        return _act(request, Planner(experiment, request.POST), is_setup=is_setup)
    planner = Planner(experiment, request.GET if "baseline_rate" in request.GET else None)
    context = {"planner": planner, "is_setup": is_setup}
    return render_page(request, TEMPLATE, context, part="answer")


def _act(request: DashboardRequest, planner: Planner, *, is_setup: bool) -> HttpResponse:
    status = 422
    if planner.forecast is not None:
        status = 200
        if planner.press is not Press.CHECK:
            try:
                return _save_or_start(request, planner, is_setup=is_setup)
            except (Refused, TransitionForbidden) as refusal:
                planner.refusals, status = [str(refusal)], 409
    context = {"planner": planner, "is_setup": is_setup}
    return render_page(request, TEMPLATE, context, part="planner", status=status)


def _save_or_start(request: DashboardRequest, planner: Planner, *, is_setup: bool) -> HttpResponse:
    experiment = planner.experiment
    if planner.press is Press.START:
        planner.start()
        messages.success(request, STARTED % {"name": experiment.name})
        return go_to(request, "dashboard:experiment-detail", experiment.id)
    planner.save()
    leave = request.POST.get(Press.SAVE, "")
    if not is_setup or leave == Leave.DRAFT:
        told = _("The plan of “%(name)s” is saved.") % {"name": experiment.name}
        messages.success(request, told)
        return go_to(request, "dashboard:experiment-detail", experiment.id)
    return go_to(request, url_after(experiment, Step.PLAN, leave))
