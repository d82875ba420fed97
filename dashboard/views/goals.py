"""An experiment's goals: made and changed in a draft, added and renamed later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dashboard.access import Role, staff_view
from dashboard.forms.goals import GoalEditor, RenameForm
from dashboard.pages import DashboardRequest, go_to
from dashboard.views.experiments import found
from experiments import goals
from experiments.goals import InvalidGoal
from experiments.lifecycle import Status
from experiments.models import Experiment, Goal
from experiments.writing import Refused
from metrics.goals import add_goal

LIST, FORM, RENAME = (f"dashboard/goal_{name}.html" for name in ("list", "form", "rename"))


@staff_view({"GET": Role.EDITOR})
def goal_list(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    experiment = found(experiment_id)
    return render(request, LIST, {"experiment": experiment, "goals": experiment.goals.all()})


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def goal_create(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    experiment = found(experiment_id)
    editor = GoalEditor(None, request.POST if request.method == "POST" else None)
    return _answer(
        request,
        experiment,
        editor,
        lambda: add_goal(experiment_id=experiment.id, draft=editor.draft()),
    )


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def goal_edit(request: DashboardRequest, experiment_id: UUID, goal_id: UUID) -> HttpResponse:
    """Change a draft's goal; once it counts, only its name can change."""
    experiment = found(experiment_id)
    goal: Goal = experiment.goals.get(pk=goal_id)
    if experiment.status != Status.DRAFT:
        return _rename(request, experiment, goal)
    editor = GoalEditor(goal, request.POST if request.method == "POST" else None)
    return _answer(
        request,
        experiment,
        editor,
        lambda: goals.update_goal(goal_id=goal.id, draft=editor.draft()),
    )


@staff_view({"POST": Role.EDITOR})
def goal_remove(request: DashboardRequest, experiment_id: UUID, goal_id: UUID) -> HttpResponse:
    goal: Goal = found(experiment_id).goals.get(pk=goal_id)
    try:
        goals.remove_goal(goal_id=goal.id)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(name)s” is removed.") % {"name": goal.name})
    return go_to(request, "dashboard:goal-list", experiment_id)


def _answer(
    request: DashboardRequest,
    experiment: Experiment,
    editor: GoalEditor,
    save: Callable[[], Goal],
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if editor.is_valid():
            try:
                return _saved(request, experiment, save())
            except InvalidGoal as invalid:
                editor.show({field: list(told) for field, told in invalid.problems.items()})
            except Refused as refusal:
                editor.refusals, status = [str(refusal)], 409
    context = {"experiment": experiment, "editor": editor}
    return render(request, FORM, context, status=status)


def _rename(request: DashboardRequest, experiment: Experiment, goal: Goal) -> HttpResponse:
    form = RenameForm(request.POST or None, initial={"name": goal.name})
    context: dict[str, Any] = {"experiment": experiment, "goal": goal, "form": form}
    if request.method != "POST":
        return render(request, RENAME, context)
    if form.is_valid():
        try:
            named = goals.rename_goal(goal_id=goal.id, name=form.cleaned_data["name"])
            return _saved(request, experiment, named)
        except Refused as refusal:
            form.add_error("name", str(refusal))
    return render(request, RENAME, context, status=422)


def _saved(request: DashboardRequest, experiment: Experiment, goal: Goal) -> HttpResponse:
    messages.success(request, _("“%(name)s” is saved.") % {"name": goal.name})
    return go_to(request, "dashboard:goal-list", experiment.id)
