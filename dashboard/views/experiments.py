"""The list of experiments, and one experiment's results."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HTMX_STOP_POLLING, push_url

from dashboard.access import Role, staff_view
from dashboard.forms.listing import ListForm, query_of
from dashboard.overview import overview_of
from dashboard.pages import DashboardRequest, render_page, wants_part
from dashboard.report import report_of
from experiments import selectors
from experiments.listing import portion_of
from experiments.models import Experiment

DETAIL = "dashboard/experiment_detail.html"
LIST = "dashboard/experiment_list.html"


@staff_view({"GET": Role.VIEWER})
def experiment_list(request: DashboardRequest) -> HttpResponse:
    """What the address asks for, a page at a time; HTMX gets what was found."""
    form = ListForm(request.GET)
    wanted = form.wanted()
    portion = portion_of(wanted, _number(request.GET.get("at", "")) or 1)
    context = {
        "form": form,
        "wanted": wanted,
        "portion": portion,
        "has_any": portion.found > 0 or Experiment.objects.exists(),
        "before": query_of(wanted, portion.before),
        "after": query_of(wanted, portion.after),
        "cards": overview_of(portion.experiments, request.user),
    }
    response = render_page(request, LIST, context, part="list")
    if wants_part(request):
        # The address says what is wanted and no more, so that it can be passed on.
        push_url(response, resolve_url("dashboard:experiment-list") + query_of(wanted))
    return response


@staff_view({"GET": Role.VIEWER})
def experiment_detail(request: DashboardRequest, experiment_id: UUID) -> HttpResponse:
    """The results. HTMX gets their part, and is told to stop asking once nothing is counted.

    `?phase=1` asks for an earlier phase; a number that was none is a 404.
    """
    report = report_of(found(experiment_id), request.user, phase=asked_phase(request))
    status = HTMX_STOP_POLLING if wants_part(request) and not report.is_counting else 200
    return render_page(request, DETAIL, {"report": report}, part="results", status=status)


def asked_phase(request: DashboardRequest) -> int | None:
    """Return the number of the phase that is asked for; None for the current one."""
    return _number(request.GET.get("phase", ""))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def found(experiment_id: UUID) -> Experiment:
    """Return an experiment with its variants and winner. Raises Experiment.DoesNotExist."""
    experiment: Any = selectors.experiment_by_id(experiment_id)
    if experiment is None:
        raise Experiment.DoesNotExist
    return experiment  # type: ignore[no-any-return]
