"""Landing pages: listed, made, edited beside a preview, put at `/`, deleted."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from dashboard.access import Role, staff_view
from dashboard.forms.landing_pages import NewPageForm, PageForm
from dashboard.page_rows import page_row, page_rows
from dashboard.pages import DashboardRequest, go_to, render_page
from experiments import pages
from experiments.models import Page
from experiments.services import EditConflict, Refused

LIST = "dashboard/page_list.html"
CREATE = "dashboard/page_create.html"
EDIT = "dashboard/page_edit.html"


@staff_view({"GET": Role.VIEWER})
def page_list(request: DashboardRequest) -> HttpResponse:
    return render_page(request, LIST, {"rows": page_rows()}, part="list")


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def page_create(request: DashboardRequest) -> HttpResponse:
    form = NewPageForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (page := form.save()):
        messages.success(
            request,
            _("The page “%(page)s” is made. Give it its texts.") % {"page": page.name},
        )
        return go_to(request, "dashboard:page-edit", page.id)
    status = 422 if form.is_bound else 200
    return render_page(request, CREATE, {"form": form}, part="form", status=status)


@staff_view({"GET": Role.EDITOR, "POST": Role.EDITOR})
def page_edit(request: DashboardRequest, page_id: UUID) -> HttpResponse:
    page = Page.objects.get(pk=page_id)
    form = PageForm(request.POST if request.method == "POST" else None, page)
    context = {"page": page, "row": page_row(page), "form": form, "version": form["version"]}
    conflict: dict[str, object] = {}
    if form.is_valid():
        try:
            saved = form.save()
        except EditConflict:
            current = Page.objects.get(pk=page_id)
            conflict = {"differences": form.differences(current), "version": current.version}
        else:
            if saved:
                messages.success(request, _("“%(page)s” is saved.") % {"page": saved.name})
                return go_to(request, "dashboard:page-edit", page_id)
    context["version"] = conflict.get("version", form["version"].value())
    status = 409 if conflict else 422 if form.is_bound else 200
    return render_page(request, EDIT, {**context, **conflict}, part="form", status=status)


@staff_view({"POST": Role.EDITOR})
def page_home(request: DashboardRequest, page_id: UUID) -> HttpResponse:
    page = pages.make_home(page_id=page_id)
    messages.success(
        request, _("“%(page)s” stands at “/”, from the next view on.") % {"page": page.name}
    )
    return go_to(request, "dashboard:page-list")


@staff_view({"POST": Role.EDITOR})
def page_delete(request: DashboardRequest, page_id: UUID) -> HttpResponse:
    page = Page.objects.get(pk=page_id)
    try:
        pages.delete_page(page_id=page_id)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(page)s” is deleted.") % {"page": page.name})
    return go_to(request, "dashboard:page-list")
