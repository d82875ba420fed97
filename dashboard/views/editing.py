"""Creating and editing experiments."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict

from dashboard.access import Role, staff_view
from dashboard.forms.experiments import ExperimentEditor, Press
from dashboard.pages import DashboardRequest, go_to, render_page
from dashboard.views.experiments import found
from experiments.services import EditConflict, Refused

TEMPLATE = "dashboard/experiment_form.html"


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def experiment_create(request: DashboardRequest) -> HttpResponse:
    return _answer(request, ExperimentEditor(None, _sent(request)))


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def experiment_edit(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    return _answer(request, ExperimentEditor(found(experiment_id), _sent(request)))


def _sent(request: DashboardRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _answer(request: DashboardRequest, editor: ExperimentEditor) -> HttpResponse:
    if request.method == "POST" and editor.press is Press.SAVE:
        return _save(request, editor)
    part = "split" if editor.press is Press.CHECK else "form"
    return render_page(request, TEMPLATE, {"editor": editor}, part=part)


def _save(request: DashboardRequest, editor: ExperimentEditor) -> HttpResponse:
    status = 422
    if editor.is_valid():
        if editor.needs_confirmation():
            return render_page(request, TEMPLATE, {"editor": editor}, part="form")
        try:
            experiment = editor.save()
        except Refused as refusal:
            editor.refuse(str(refusal))
            if isinstance(refusal, EditConflict) and editor.experiment:
                editor.show_conflict(found(editor.experiment.id))
            status = 409
        else:
            messages.success(request, f"“{experiment.name}” is saved.")
            return go_to(request, "dashboard:experiment-detail", experiment.id)
    return render_page(request, TEMPLATE, {"editor": editor}, part="form", status=status)
