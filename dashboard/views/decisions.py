"""Completing an experiment with a decision, and undoing that."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from dashboard.access import Role, staff_view
from dashboard.decisions import question_of
from dashboard.forms.decisions import DecisionForm, VersionForm
from dashboard.pages import DashboardRequest
from dashboard.views.experiments import found
from dashboard.views.lifecycle import show_changed
from experiments.decisions import decide_experiment, reopen_experiment
from experiments.lifecycle import Status, Transition, TransitionForbidden, target_of
from experiments.services import EditConflict, Refused

TEMPLATE = "dashboard/experiment_complete.html"


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def experiment_complete(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """Say what each decision would mean; a POST makes one."""
    try:
        target_of(found(experiment_id).status, Transition.COMPLETE)
    except TransitionForbidden as forbidden:
        messages.error(request, str(forbidden))
        return redirect("dashboard:experiment-detail", experiment_id)
    return (
        _decide(request, experiment_id)
        if request.method == "POST"
        else _ask(request, experiment_id)
    )


def _ask(
    request: DashboardRequest,
    experiment_id: UUID,
    form: DecisionForm | None = None,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    question = question_of(found(experiment_id))
    context = {
        "question": question,
        "experiment": question.experiment,
        "form": form or DecisionForm(question),
        # Whoever sends it again has seen what changed.
        "version": question.experiment.version,
        "refusal": refusal,
    }
    return render(request, TEMPLATE, context, status=status)


def _decide(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    form = DecisionForm(question_of(found(experiment_id)), request.POST)
    if not form.is_valid():
        return _ask(request, experiment_id, form, status=422)
    chosen = form.chosen
    try:
        experiment = decide_experiment(
            experiment_id=experiment_id,
            decision=chosen.decision,
            winner_id=chosen.winner_id,
            note=form.cleaned_data["note"],
            version=form.cleaned_data["version"],
        )
    except EditConflict:
        changed = _(
            "Somebody else changed this experiment while you were deciding. Nothing was decided: "
            "what stands here now is the current state."
        )
        return _ask(request, experiment_id, form, refusal=changed, status=409)
    except (Refused, TransitionForbidden) as refused:
        return _ask(request, experiment_id, form, refusal=str(refused), status=409)
    told = _("“%(name)s” is completed. From the next page on everybody sees %(variant)s.")
    messages.success(request, told % {"name": experiment.name, "variant": chosen.variant.name})
    return redirect("dashboard:experiment-detail", experiment_id)


@staff_view({"POST": Role.EDITOR})
def experiment_reopen(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    form = VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else None
    try:
        experiment = reopen_experiment(experiment_id=experiment_id, version=version)
    except (Refused, TransitionForbidden) as refused:
        messages.error(request, str(refused))
        return show_changed(request, experiment_id, status=409)
    told = (
        _("The decision on “%(name)s” is undone. It runs again, in a new phase.")
        if experiment.status == Status.ACTIVE
        else _("The decision on “%(name)s” is undone. It is paused, in a new phase.")
    )
    messages.success(request, told % {"name": experiment.name})
    return show_changed(request, experiment_id, status=200)
