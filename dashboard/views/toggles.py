"""Toggles: switched at once, for a share or a time, made, explained, deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from dashboard.access import Role, staff_view
from dashboard.forms.toggles import NewToggleForm, ReasonForm, SwitchForm, ToggleForm, saved_values
from dashboard.pages import DashboardRequest, go_to, render_page, wants_part
from dashboard.toggle_differences import toggle_differences
from dashboard.toggle_rows import rows_of
from experiments import selectors, toggles
from experiments.models import Toggle
from experiments.services import EditConflict

LIST = "dashboard/toggle_list.html"
CREATE = "dashboard/toggle_create.html"
EDIT = "dashboard/toggle_edit.html"


@staff_view({"GET": Role.VIEWER})
def toggle_list(request: DashboardRequest) -> HttpResponse:
    context = {"rows": rows_of(selectors.toggles_by_key())}
    return render_page(request, LIST, context, part="list")


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def toggle_create(request: DashboardRequest) -> HttpResponse:
    form = NewToggleForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (toggle := form.save()):
        messages.success(request, _("The toggle %(key)s is made.") % {"key": toggle.key})
        return go_to(request, "dashboard:toggle-list")
    return render_page(request, CREATE, {"form": form}, part="form", status=_status(form.is_bound))


@staff_view({"POST": Role.EDITOR})
def toggle_switch(request: DashboardRequest, toggle_id: UUID) -> HttpResponse:
    refusal = _switch(request, toggle_id)
    return _row(request, toggle_id, refusal)


@staff_view({"POST": Role.EDITOR})
def toggle_reason(request: DashboardRequest, toggle_id: UUID) -> HttpResponse:
    """Say why it was changed, after having done so."""
    Toggle.objects.get(pk=toggle_id)
    form = ReasonForm(request.POST)
    refusal = _explain(request, toggle_id, form)
    return _row(request, toggle_id, refusal)


def _row(request: DashboardRequest, toggle_id: UUID, refusal: str) -> HttpResponse:
    """Answer with the toggle as it is now, and with what was wrong, if anything."""
    if refusal:
        messages.error(request, refusal)
    if not wants_part(request):
        return go_to(request, "dashboard:toggle-list")
    [row] = rows_of([Toggle.objects.get(pk=toggle_id)])
    return render_page(request, LIST, {"row": row}, part="row", status=409 if refusal else 200)


def _switch(request: DashboardRequest, toggle_id: UUID) -> str:
    """Switch and say so; return the sentence of a refusal, or nothing."""
    form = SwitchForm(request.POST)
    if not form.is_valid():
        return _("The switch was sent without its state. Reload the page and try again.")
    try:
        toggle = toggles.update_toggle(
            toggle_id=toggle_id, enabled=form.wants_on, version=form.cleaned_data["version"]
        )
    except EditConflict as conflict:
        return str(conflict)
    messages.success(request, _switched(toggle))
    return ""


def _switched(toggle: Toggle) -> str:
    if not toggle.enabled:
        told = _("%(key)s is off, from the next page load on.")
    elif toggle.rollout < 100:
        told = _("%(key)s is on for %(share)s %% of visitors, from the next page load on.")
    else:
        told = _("%(key)s is on, from the next page load on.")
    return told % {"key": toggle.key, "share": toggle.rollout}


def _explain(request: DashboardRequest, toggle_id: UUID, form: ReasonForm) -> str:
    """Keep the reason and say so; return the sentence of a refusal, or nothing."""
    if not form.is_valid():
        problems = [str(problem) for problem in form.errors.get("reason", [])]
        return " ".join(problems) or _("Reload the page and try again.")
    try:
        toggle = toggles.update_toggle(toggle_id=toggle_id, **form.cleaned_data)
    except EditConflict as conflict:
        return str(conflict)
    told = _("The reason stands beside %(key)s, and in the history.")
    messages.success(request, told % {"key": toggle.key})
    return ""


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def toggle_edit(request: DashboardRequest, toggle_id: UUID) -> HttpResponse:
    toggle = Toggle.objects.get(pk=toggle_id)
    form = ToggleForm(request.POST if request.method == "POST" else None, toggle)
    conflict: dict[str, Any] = {}
    if form.is_valid():
        try:
            if form.save():
                messages.success(request, _("%(key)s is changed.") % {"key": toggle.key})
                return go_to(request, "dashboard:toggle-list")
        except EditConflict:
            toggle = Toggle.objects.get(pk=toggle_id)
            conflict = {"differences": toggle_differences(saved_values(toggle), form.cleaned_data)}
    context = {
        "toggle": toggle,
        "row": rows_of([toggle])[0],
        "form": form,
        "version": toggle.version if conflict else form["version"].value(),
        **conflict,
    }
    status = 409 if conflict else _status(form.is_bound)
    return render_page(request, EDIT, context, part="form", status=status)


@staff_view({"POST": Role.EDITOR})
def toggle_delete(request: DashboardRequest, toggle_id: UUID) -> HttpResponse:
    toggle = Toggle.objects.get(pk=toggle_id)
    toggles.delete_toggle(toggle_id=toggle_id)
    told = _("%(key)s is deleted. A page that asks for it finds it off.")
    messages.success(request, told % {"key": toggle.key})
    return go_to(request, "dashboard:toggle-list")


def _status(was_sent: bool) -> int:
    return 422 if was_sent else 200
