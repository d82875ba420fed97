"""Toggles: switched at once, made, described, deleted."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse

from dashboard.access import Role, staff_view
from dashboard.differences import toggle_differences
from dashboard.forms.toggles import DescribeToggleForm, NewToggleForm, SwitchForm
from dashboard.history.changes import LastChange, last_changes
from dashboard.pages import DashboardRequest, go_to, render_page, wants_part
from experiments import selectors, toggles
from experiments.models import Toggle
from experiments.models.audit import AuditedKind
from experiments.services import EditConflict

LIST = "dashboard/toggle_list.html"
CREATE = "dashboard/toggle_create.html"
EDIT = "dashboard/toggle_edit.html"


@staff_view({"GET": Role.VIEWER})
def toggle_list(request: DashboardRequest) -> HttpResponse:
    rows = _with_last_changes(selectors.toggles_by_key())
    return render_page(request, LIST, {"rows": rows}, part="list")


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def toggle_create(request: DashboardRequest) -> HttpResponse:
    form = NewToggleForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (toggle := form.save()):
        messages.success(request, f"The toggle {toggle.key} is made.")
        return go_to(request, "dashboard:toggle-list")
    return render_page(request, CREATE, {"form": form}, part="form", status=_status(form.is_bound))


@staff_view({"POST": Role.EDITOR})
def toggle_switch(request: DashboardRequest, toggle_id: UUID) -> HttpResponse:
    refusal = _switch(request, toggle_id)
    if refusal:
        messages.error(request, refusal)
    if not wants_part(request):
        return go_to(request, "dashboard:toggle-list")
    [(toggle, last)] = _with_last_changes([Toggle.objects.get(pk=toggle_id)])
    context = {"toggle": toggle, "last": last}
    return render_page(request, LIST, context, part="row", status=409 if refusal else 200)


def _with_last_changes(toggles: list[Toggle]) -> list[tuple[Toggle, LastChange | None]]:
    """Return toggles, each with who changed it last; None where that was before the log began."""
    last = last_changes(AuditedKind.TOGGLE, [toggle.id for toggle in toggles])
    return [(toggle, last.get(str(toggle.id))) for toggle in toggles]


def _switch(request: DashboardRequest, toggle_id: UUID) -> str:
    """Switch and say so; return the sentence of a refusal, or nothing."""
    form = SwitchForm(request.POST)
    if not form.is_valid():
        return "The switch was sent without its state. Reload the page and try again."
    try:
        toggle = toggles.update_toggle(
            toggle_id=toggle_id, enabled=form.wants_on, version=form.cleaned_data["version"]
        )
    except EditConflict as conflict:
        return str(conflict)
    state = "on" if toggle.enabled else "off"
    messages.success(request, f"{toggle.key} is {state}, from the next page load on.")
    return ""


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def toggle_edit(request: DashboardRequest, toggle_id: UUID) -> HttpResponse:
    toggle = Toggle.objects.get(pk=toggle_id)
    saved = {"description": toggle.description, "version": toggle.version}
    form = DescribeToggleForm(request.POST if request.method == "POST" else None, initial=saved)
    context = {"toggle": toggle, "form": form, "version": form["version"].value()}
    conflict = _describe(toggle_id, form) if form.is_valid() else {}
    if form.is_valid() and not conflict:
        messages.success(request, f"{toggle.key} is described anew.")
        return go_to(request, "dashboard:toggle-list")
    status = 409 if conflict else _status(form.is_bound)
    return render_page(request, EDIT, {**context, **conflict}, part="form", status=status)


def _describe(toggle_id: UUID, form: DescribeToggleForm) -> dict[str, object]:
    """Save; return what the page says where somebody else saved meanwhile, or nothing."""
    try:
        toggles.update_toggle(toggle_id=toggle_id, **form.cleaned_data)
    except EditConflict:
        current = Toggle.objects.get(pk=toggle_id)
    else:
        return {}
    typed = form.cleaned_data["description"]
    return {
        "toggle": current,
        "version": current.version,
        "differences": toggle_differences(current, description=typed),
    }


@staff_view({"POST": Role.EDITOR})
def toggle_delete(request: DashboardRequest, toggle_id: UUID) -> HttpResponse:
    toggle = Toggle.objects.get(pk=toggle_id)
    toggles.delete_toggle(toggle_id=toggle_id)
    messages.success(request, f"{toggle.key} is deleted. A page that asks for it finds it off.")
    return go_to(request, "dashboard:toggle-list")


def _status(was_sent: bool) -> int:
    return 422 if was_sent else 200
