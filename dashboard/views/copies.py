"""Duplicating, archiving and renaming experiments."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django_htmx.http import retarget

from dashboard.access import Role, staff_view
from dashboard.forms.fields import sent_version
from dashboard.forms.questions import NameForm, Renaming
from dashboard.pages import DashboardRequest, go_to, wants_part
from dashboard.setup import Step, url_of
from dashboard.templatetags.experiments import head_context
from dashboard.views.experiments import found
from experiments import copies, services
from experiments.models import Experiment
from experiments.services import EditConflict, Refused

PAGE = "dashboard/experiment_rename.html"
TITLE = "dashboard/experiment/title.html"
HEAD = "dashboard/experiment/head.html"
TABS = ("results", "content", "plan", "history")


@staff_view({"POST": Role.EDITOR})
def experiment_duplicate(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    copy = copies.duplicate_experiment(experiment_id=experiment_id)
    messages.success(
        request,
        _("“%(name)s” is a draft with everything in it but the results.") % {"name": copy.name},
    )
    return go_to(request, url_of(copy, Step.QUESTION))


@staff_view({"POST": Role.EDITOR})
def experiment_archive(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    try:
        experiment = copies.archive_experiment(experiment_id=experiment_id)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return go_to(request, "dashboard:experiment-detail", experiment_id)
    messages.success(request, _("“%(name)s” is archived.") % {"name": experiment.name})
    return go_to(request, "dashboard:experiment-list")


@staff_view({"POST": Role.EDITOR})
def experiment_restore(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    experiment = copies.restore_experiment(experiment_id=experiment_id)
    messages.success(request, _("“%(name)s” is back in the list.") % {"name": experiment.name})
    return go_to(request, "dashboard:experiment-detail", experiment_id)


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def experiment_rename(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """The name as a field in the place of the heading; without a script on a page of its own."""
    experiment = found(experiment_id)
    if request.method == "POST":
        return _rename(request, experiment, request.POST)
    if "cancel" in request.GET and wants_part(request):
        return render(request, TITLE, _context(request, experiment, request.GET["cancel"]))
    renaming = Renaming(
        NameForm(initial={"name": experiment.name}), experiment.version, experiment.name
    )
    return _show(request, experiment, renaming, request.GET.get("tab", ""))


def _rename(request: DashboardRequest, experiment: Experiment, data: QueryDict) -> HttpResponse:
    form, was, tab = NameForm(data), data.get("was", ""), data.get("tab", "")
    version = sent_version(data)
    if not form.is_valid():
        return _show(request, experiment, Renaming(form, version, was), tab, status=422)
    if experiment.name == was:
        # Whatever else was changed meanwhile, the name wasn't.
        version = experiment.version
    name = form.cleaned_data["name"]
    try:
        services.update_experiment(experiment_id=experiment.id, name=name, version=version)
    except EditConflict:
        current = found(experiment.id)
        renaming = Renaming(form, current.version, was, theirs=current.name)
        return _show(request, current, renaming, tab, status=409)
    if not wants_part(request):
        return redirect("dashboard:experiment-detail", experiment.id)
    context = _context(request, found(experiment.id), tab) | {"is_changed": True}
    return retarget(render(request, HEAD, context), "#experiment-head")


def _show(
    request: DashboardRequest,
    experiment: Experiment,
    renaming: Renaming,
    tab: str,
    *,
    status: int = 200,
) -> HttpResponse:
    renaming.form.fields["name"].widget.attrs["autofocus"] = True
    context = _context(request, experiment, tab) | {"renaming": renaming}
    template = TITLE if wants_part(request) else PAGE
    return render(request, template, context, status=status)


def _context(request: DashboardRequest, experiment: Experiment, tab: str) -> dict[str, object]:
    """Return what the head shows on the tab that it stands on."""
    here = tab if tab in TABS else "results"
    target = "#experiment" if here == "results" else ""
    return head_context({"request": request}, experiment, here, target=target)
