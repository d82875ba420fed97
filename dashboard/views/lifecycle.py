"""Starting, pausing and resuming: a POST each, never a GET."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from dashboard.access import Role, staff_view
from dashboard.forms.decisions import VersionForm
from dashboard.overview import overview_of
from dashboard.pages import DashboardRequest, render_page, wants_part
from dashboard.report import report_of
from dashboard.views.experiments import DETAIL, LIST, found
from experiments import plans, services
from experiments.lifecycle import Transition, TransitionForbidden
from experiments.services import Refused

DONE = {
    Transition.START: gettext_lazy(
        "“%(name)s” runs now. Visitors get their variants from the next page on."
    ),
    Transition.PAUSE: gettext_lazy(
        "“%(name)s” is paused. Nobody new takes part; visitors keep their variant."
    ),
    Transition.RESUME: gettext_lazy("“%(name)s” runs again and takes new visitors."),
}


@staff_view({"POST": Role.EDITOR})
def experiment_transition(
    request: DashboardRequest, experiment_id: UUID, transition: Transition
) -> HttpResponse:
    refusal = _attempt(request, experiment_id, transition)
    if refusal:
        messages.error(request, refusal)
    return show_changed(request, experiment_id, status=409 if refusal else 200)


def _attempt(request: DashboardRequest, experiment_id: UUID, transition: Transition) -> str:
    """Make the change and say so; return the sentence of a refusal, or nothing."""
    form = VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else None
    try:
        if transition is Transition.START:
            experiment = plans.start_experiment(
                experiment_id=experiment_id, plan=None, version=version
            )
        else:
            experiment = services.transition_experiment(
                experiment_id=experiment_id, transition=transition, version=version
            )
    except (Refused, TransitionForbidden) as refused:
        return str(refused)
    messages.success(request, DONE[transition] % {"name": experiment.name})
    return ""


def show_changed(request: DashboardRequest, experiment_id: UUID, *, status: int) -> HttpResponse:
    """Show the experiment as it is now, where the button was: in the list or on its own page."""
    if not wants_part(request):
        return redirect("dashboard:experiment-detail", experiment_id)
    experiment = found(experiment_id)
    if (request.htmx.target or "").startswith("card-"):
        (card,) = overview_of([experiment], request.user)
        return render_page(
            request, LIST, {"card": card, "is_changed": True}, part="card", status=status
        )
    context = {"report": report_of(experiment, request.user), "is_changed": True}
    return render_page(request, DETAIL, context, part="experiment", status=status)
