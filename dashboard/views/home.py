"""The dashboard's first page."""

from __future__ import annotations

from django.http import HttpResponse

from dashboard.access import Role, staff_view
from dashboard.home import home_of
from dashboard.pages import DashboardRequest, render_page, wants_part

PAGE = "dashboard/home.html"


@staff_view({"GET": Role.VIEWER})
def home(request: DashboardRequest) -> HttpResponse:
    """What runs, and what wants attention. HTMX names what it shows, and gets a 204 for no more."""
    shown = home_of()
    cursor = shown.cursor
    if wants_part(request) and request.GET.get("cursor") == cursor:
        return HttpResponse(status=204)
    return render_page(request, PAGE, {"home": shown, "cursor": cursor}, part="home")
