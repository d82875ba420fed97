"""An experiment's question, and its variants with what they show: made, and changed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from dashboard.access import Role, staff_view
from dashboard.forms.experiments import Press, VariantsEditor
from dashboard.forms.questions import QuestionEditor
from dashboard.pages import DashboardRequest, go_to, render_page, wants_part
from dashboard.setup import Leave, Step, url_after
from dashboard.views.experiments import found
from experiments.lifecycle import Status
from experiments.models import Experiment
from experiments.services import EditConflict, Refused

QUESTION = "dashboard/experiment_question.html"
VARIANTS = "dashboard/experiment_form.html"


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def experiment_create(request: DashboardRequest) -> HttpResponse:
    """The first step, before there is a draft."""
    return _ask(request, QuestionEditor(None, _sent(request)))


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def experiment_question(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    return _ask(request, QuestionEditor(found(experiment_id), _sent(request)))


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def experiment_edit(
    request: DashboardRequest, experiment_id: UUID, *, is_setup: bool = False
) -> HttpResponse:
    """All variants in one form, so that one save is one phase; `is_setup` as a step of several."""
    experiment = found(experiment_id)
    if experiment.status == Status.COMPLETED and request.method == "GET":
        messages.info(request, _("A completed experiment's variants are its record."))
        return redirect("dashboard:experiment-content", experiment_id)
    if is_setup and experiment.status != Status.DRAFT:
        return redirect("dashboard:experiment-content", experiment_id)
    editor = VariantsEditor(experiment, _sent(request))
    context = {"editor": editor, "is_setup": is_setup}
    if request.method == "POST" and editor.press is Press.SAVE:
        return _save_variants(request, editor, is_setup=is_setup)
    part = "split" if editor.press is Press.CHECK else "form"
    return render_page(request, VARIANTS, context, part=part)


def _sent(request: DashboardRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _ask(request: DashboardRequest, editor: QuestionEditor) -> HttpResponse:
    if request.method == "POST" and "suggest" in request.POST and wants_part(request):
        return render_page(request, QUESTION, {"editor": editor}, part="suggestion")
    status = 200
    if request.method == "POST":
        status = 422
        if editor.is_valid():
            try:
                experiment = editor.save()
            except Refused as refusal:
                editor.refusals, status = [str(refusal)], 409
                if isinstance(refusal, EditConflict) and editor.experiment:
                    editor.show_conflict(found(editor.experiment.id))
            else:
                if not editor.is_draft:
                    messages.success(request, _saved(experiment.name))
                    return go_to(request, "dashboard:experiment-plan", experiment.id)
                return _leave(request, experiment, Step.QUESTION)
    return render_page(request, QUESTION, {"editor": editor}, part="form", status=status)


def _save_variants(
    request: DashboardRequest, editor: VariantsEditor, *, is_setup: bool
) -> HttpResponse:
    context, status = {"editor": editor, "is_setup": is_setup}, 422
    if editor.is_valid():
        if editor.needs_confirmation():
            return render_page(request, VARIANTS, context, part="form")
        try:
            experiment = editor.save()
        except Refused as refusal:
            editor.refusals, status = [str(refusal)], 409
            if isinstance(refusal, EditConflict):
                editor.show_conflict(found(editor.experiment.id))
        else:
            if is_setup:
                return _leave(request, experiment, Step.VARIANTS)
            messages.success(request, _saved(experiment.name))
            return go_to(request, "dashboard:experiment-content", experiment.id)
    return render_page(request, VARIANTS, context, part="form", status=status)


def _leave(request: DashboardRequest, experiment: Experiment, step: Step) -> HttpResponse:
    """Go where the button that saved the step leads."""
    leave = request.POST.get(Press.SAVE, "")
    if leave == Leave.DRAFT:
        messages.success(request, _saved(experiment.name))
    return go_to(request, url_after(experiment, step, leave))


def _saved(name: str) -> str:
    return _("“%(name)s” is saved.") % {"name": name}
