"""The event stream: is the tracking working?"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.utils.dateparse import parse_datetime

from dashboard.access import Role, staff_view
from dashboard.forms.stream import StreamForm
from dashboard.pages import DashboardRequest, render_page, wants_part
from dashboard.stream import checks, is_news, lines_of
from metrics.recent import EVERYTHING, REACH, recent_events

PAGE = "dashboard/events.html"


@staff_view({"GET": Role.VIEWER})
def events(request: DashboardRequest) -> HttpResponse:
    """The newest events. HTMX names what it shows by `cursor`, and gets a 204 if that is all."""
    form = StreamForm(request.GET)
    stream = recent_events(form.wanted)
    if wants_part(request) and request.GET.get("cursor") == stream.cursor:
        return HttpResponse(status=204)
    context = {
        "form": form,
        "stream": stream,
        "lines": lines_of(stream),
        "is_filtered": form.wanted != EVERYTHING,
        "is_paused": request.GET.get("paused") == "1",
        "is_news": wants_part(request) and is_news(stream, _known(request)),
        "checks": checks(),
        "minutes": int(REACH.total_seconds() // 60),
    }
    return render_page(request, PAGE, context, part="stream")


def _known(request: DashboardRequest) -> datetime | None:
    """Return the moment of the newest event that the page shows."""
    try:
        moment = parse_datetime(request.GET.get("newest", ""))
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
