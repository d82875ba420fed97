"""What variants show, and what a draft says before its start."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from dashboard.access import Role, staff_view
from dashboard.comparison import comparison_of
from dashboard.forms.fields import sent_version
from dashboard.overview import shares_of
from dashboard.pages import DashboardRequest, go_to, render_page
from dashboard.review import review_of
from dashboard.views.experiments import found
from experiments import roles, services
from experiments.lifecycle import Status, Transition, TransitionForbidden
from experiments.services import Refused

CONTENT = "dashboard/experiment_content.html"
REVIEW = "dashboard/experiment_review.html"


@staff_view({"GET": Role.VIEWER})
def experiment_content(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """The texts side by side, and the page as one variant shows it: `?variant=1`, the control 0."""
    experiment = found(experiment_id)
    variants = list(experiment.variants.all())
    asked = request.GET.get("variant", "")
    is_there = asked.isascii() and asked.isdigit() and len(asked) < 3 and int(asked) < len(variants)
    context = {
        "experiment": experiment,
        "comparison": comparison_of(experiment),
        "shares": shares_of(experiment),
        "may_edit": roles.can_edit(request.user),
        "shown": variants[int(asked) if is_there else min(1, len(variants) - 1)],
    }
    return render_page(request, CONTENT, context, part="preview")


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def experiment_review(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """The last step of making an experiment; a POST starts it, with the plan that is saved."""
    experiment = found(experiment_id)
    if experiment.status != Status.DRAFT:
        return redirect("dashboard:experiment-detail", experiment_id)
    refusal = _start(request, experiment_id) if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        messages.success(
            request,
            _("“%(name)s” runs now. Visitors get their variants from the next page on.")
            % {"name": experiment.name},
        )
        return go_to(request, "dashboard:experiment-detail", experiment_id)
    context = {"review": review_of(found(experiment_id)), "refusal": refusal}
    return render_page(request, REVIEW, context, part="review", status=409 if refusal else 200)


def _start(request: DashboardRequest, experiment_id: UUID) -> str:
    """Start it, and return nothing; or return why it wasn't."""
    try:
        services.transition_experiment(
            experiment_id=experiment_id,
            transition=Transition.START,
            version=sent_version(request.POST),
        )
    except (Refused, TransitionForbidden) as refused:
        return str(refused)
    return ""
