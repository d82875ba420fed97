"""The page that shows the components, for whoever develops with them."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from dashboard.access import Role, staff_view
from dashboard.gallery import components, examples
from dashboard.pages import DashboardRequest


@staff_view({"GET": Role.VIEWER})
def gallery(request: DashboardRequest) -> HttpResponse:
    """Show every component in its states; in development only."""
    if settings.APP_ENV != "development":
        raise Http404
    context = {"components": components(), **examples()}
    return render(request, "dashboard/gallery.html", context)
