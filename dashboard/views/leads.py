"""The addresses that visitors left, for editors only."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from dashboard.access import Role, staff_view
from dashboard.exports import csv_download
from dashboard.pages import DashboardRequest, render_page
from metrics.models import Lead

TEMPLATE = "dashboard/lead_list.html"
PAGE_SIZE, CHUNK_SIZE = 50, 2000


@staff_view({"GET": Role.EDITOR}, may_be_stored=False)
def lead_list(request: DashboardRequest) -> HttpResponse:
    page = Paginator(Lead.objects.all(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render_page(request, TEMPLATE, {"page": page}, part="list")


@staff_view({"GET": Role.EDITOR}, may_be_stored=False)
def lead_export(_request: DashboardRequest) -> StreamingHttpResponse:
    leads = Lead.objects.values_list("email", "created_at").iterator(chunk_size=CHUNK_SIZE)
    rows = ([email, moment.isoformat(timespec="seconds")] for email, moment in leads)
    filename = f"leads-{timezone.now():%Y-%m-%d}.csv"
    return csv_download(filename, ["email", "signed_up_at"], rows)
