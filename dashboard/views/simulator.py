"""What would happen if a plan were run 2,000 times: asked for, waited for, and looked at."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django_htmx.http import push_url, reswap, retarget

from dashboard.access import Role, staff_view
from dashboard.pages import DashboardRequest, htmx_of, render_page, wants_part
from dashboard.simulator import Simulator
from dashboard.views.experiments import found
from experiments.models import Experiment
from metrics.rehearsal_runs import Busy

TEMPLATE = "dashboard/simulator.html"
PROGRESS = "simulation-progress"


# Nothing is written: whoever may look may ask, and the server answers one at a time.
@staff_view({"GET": Role.VIEWER, "POST": Role.VIEWER})
def simulate(request: DashboardRequest, experiment_id: UUID | None = None) -> HttpResponse:
    """The page, with the answer to its settings where there is one; a POST has it made."""
    experiment = found(experiment_id) if experiment_id else None
    if request.method == "POST":
        return _run(request, experiment)
    simulator = Simulator.from_query(experiment, request.GET.dict())
    if wants_part(request) and htmx_of(request).target == PROGRESS:
        return _tell(request, simulator)
    return _show(request, simulator, status=200)


def _run(request: DashboardRequest, experiment: Experiment | None) -> HttpResponse:
    simulator = Simulator(experiment, request.POST.dict())
    if simulator.order is None:
        return _show(request, simulator, status=422)
    try:
        simulator.start()
    except Busy as busy:
        simulator.is_busy, simulator.others = True, busy.progress
        return _show(request, simulator, status=409)
    if not wants_part(request):
        return redirect(simulator.url)
    simulator = Simulator(experiment, request.POST.dict())
    return push_url(_show(request, simulator, status=200), simulator.url)


def _tell(request: DashboardRequest, simulator: Simulator) -> HttpResponse:
    """Tell somebody who waits how far it is; once it has ended, how it ended."""
    context = {"simulator": simulator}
    if simulator.progress:
        return render_page(request, TEMPLATE, context, part="progress")
    simulator.is_broken = simulator.answer is None
    ended = render_page(request, TEMPLATE, context, part="simulation")
    return reswap(retarget(ended, "#simulation"), "outerHTML")


def _show(request: DashboardRequest, simulator: Simulator, *, status: int) -> HttpResponse:
    context = {"simulator": simulator}
    return render_page(request, TEMPLATE, context, part="simulator", status=status)
