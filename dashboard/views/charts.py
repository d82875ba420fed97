"""A chart of the results to take away: its numbers as CSV, its drawing as SVG."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from dashboard.access import Role, staff_view
from dashboard.exports import csv_download
from dashboard.pages import DashboardRequest
from dashboard.plot_sheet import COLORS, DASHES, sheet_of
from dashboard.plots import Plot
from dashboard.report import plots_of
from dashboard.views.experiments import asked_phase, found
from metrics.phase_results import phase_results_for
from metrics.verdicts import Judgement, judgement_for


@staff_view({"GET": Role.VIEWER})
def chart_csv(request: DashboardRequest, experiment_id: UUID, chart: str) -> HttpResponseBase:
    judgement, plot = _asked(request, experiment_id, chart)
    return csv_download(f"{_file_name(judgement, plot)}.csv", plot.sheet.header, plot.sheet.rows)


@staff_view({"GET": Role.VIEWER})
def chart_svg(request: DashboardRequest, experiment_id: UUID, chart: str) -> HttpResponse:
    judgement, plot = _asked(request, experiment_id, chart)
    context = {
        "plot": plot,
        "sheet": sheet_of(plot),
        "colors": COLORS,
        "dashes": DASHES,
        "source": _source(judgement),
    }
    drawing = re.sub(r"\n\s*\n+", "\n", render_to_string("dashboard/charts/download.svg", context))
    response = HttpResponse(drawing, content_type="image/svg+xml")
    name = f"{_file_name(judgement, plot)}.svg"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: DashboardRequest, experiment_id: UUID, name: str) -> tuple[Judgement, Plot]:
    """Return one of the plots that the results have. Raises Http404 for others."""
    judgement = judgement_for(phase_results_for(found(experiment_id), phase=asked_phase(request)))
    if judgement is None or not judgement.verdict.visitors:
        raise Http404
    plot = plots_of(judgement).get(name)
    if plot is None:
        raise Http404
    return judgement, plot


def _file_name(judgement: Judgement, plot: Plot) -> str:
    name = slugify(judgement.results.experiment.name)[:40].strip("-") or "experiment"
    return f"{name}-phase-{judgement.phase.number}-{plot.name}"


def _source(judgement: Judgement) -> str:
    return _("%(name)s, phase %(phase)s, by “%(goal)s”, as of %(day)s") % {
        "name": judgement.results.experiment.name,
        "phase": judgement.phase.number,
        "goal": judgement.goal.name,
        "day": f"{date_format(timezone.now(), _('j M Y, H:i'))} UTC",
    }
