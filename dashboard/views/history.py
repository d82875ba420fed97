"""Who changed what and when: all of it, one experiment's, and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from dashboard.access import Role, staff_view
from dashboard.exports import csv_download
from dashboard.forms.history import HistoryForm
from dashboard.history.changes import Change, changes_of
from dashboard.pages import DashboardRequest, render_page
from dashboard.views.experiments import found
from experiments import audit
from experiments.audit import AuditFilter
from experiments.models import AuditEntry

TEMPLATE = "dashboard/history.html"
OF_EXPERIMENT = "dashboard/experiment_history.html"
CHUNK_SIZE = 2000
LARGEST_ID = 2**63 - 1
COLUMNS = (
    "id",
    "change",
    "at",
    "actor_kind",
    "actor",
    "action",
    "kind",
    "object_id",
    "object",
    "experiment_id",
    "before",
    "after",
)


@staff_view({"GET": Role.VIEWER}, may_be_stored=False)
def history(request: DashboardRequest) -> HttpResponse:
    form = HistoryForm(request.GET, user=request.user)
    if not form.is_valid():
        return render_page(request, TEMPLATE, {"form": form}, part="list", status=422)
    context = {"form": form, "is_filtered": any(form.cleaned_data.values())}
    return render_page(request, TEMPLATE, context | _part(request, form.wanted()), part="list")


@staff_view({"GET": Role.VIEWER}, may_be_stored=False)
def history_export(request: DashboardRequest) -> HttpResponseBase:
    form = HistoryForm(request.GET, user=request.user)
    if not form.is_valid():
        return render_page(request, TEMPLATE, {"form": form}, part="list", status=422)
    return _csv(form.wanted())


@staff_view({"GET": Role.VIEWER}, may_be_stored=False)
def experiment_history(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    experiment = found(experiment_id)
    context = {"experiment": experiment, **_part(request, AuditFilter(experiment_id=experiment_id))}
    return render_page(request, OF_EXPERIMENT, context, part="list")


def _part(request: DashboardRequest, wanted: AuditFilter) -> dict[str, Any]:
    """Return what dashboard/history_list.html shows: days with their changes, and pages beside."""
    page = audit.page_of(wanted, before=_cursor(request, "before"), after=_cursor(request, "after"))
    return {
        "days": _days(changes_of(page.changes)),
        "newer_url": _url(request, after=page.newer) if page.newer else "",
        "older_url": _url(request, before=page.older) if page.older else "",
    }


def _days(changes: list[Change]) -> list[tuple[Any, list[Change]]]:
    return [(day, list(of_day)) for day, of_day in groupby(changes, lambda one: one.at.date())]


def _cursor(request: DashboardRequest, name: str) -> int | None:
    """Return the id of a change; one that can't be, like none at all, is the newest page."""
    text = request.GET.get(name, "")
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_number and int(text) <= LARGEST_ID else None


def _url(request: DashboardRequest, **cursor: int) -> str:
    """Return this page's address with the same filter, at another place."""
    query = request.GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    query.update({name: str(value) for name, value in cursor.items()})
    return f"?{query.urlencode()}"


def _csv(wanted: AuditFilter) -> StreamingHttpResponse:
    entries = wanted.entries().iterator(chunk_size=CHUNK_SIZE)
    filename = f"history-{timezone.now():%Y-%m-%d}.csv"
    return csv_download(filename, COLUMNS, _rows(entries))


def _rows(entries: Iterator[AuditEntry]) -> Iterator[list[object]]:
    for entry in entries:
        yield [
            entry.id,
            entry.change_id,
            entry.at.isoformat(timespec="seconds"),
            entry.actor_kind,
            entry.actor_name,
            entry.action,
            entry.object_type,
            entry.object_id,
            entry.object_name,
            entry.experiment_id or "",
            _json(entry.before),
            _json(entry.after),
        ]


def _json(values: dict[str, Any] | None) -> str:
    return "" if values is None else json.dumps(values, ensure_ascii=False)
