"""The addresses that visitors left: read by all staff, exported and deleted by editors."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.access import Role, staff_view
from dashboard.exports import csv_download
from dashboard.figures import count
from dashboard.pages import DashboardRequest, go_to, render_page
from metrics import leads
from metrics.models import Lead

TEMPLATE = "dashboard/lead_list.html"
CHUNK_SIZE = 2000


@staff_view({"GET": Role.VIEWER}, may_be_stored=False)
def lead_list(request: DashboardRequest) -> HttpResponse:
    part = _searched(request.GET.get("q", ""))
    total = Lead.objects.count()
    number = leads.leads_newest_first(part).count() if part else total
    context = {
        "part": part,
        "page": leads.page_of_leads(
            part=part, before=request.GET.get("before", ""), after=request.GET.get("after", "")
        ),
        "total": total,
        "number": number,
        "words": _words(part, number),
    }
    return render_page(request, TEMPLATE, context, part="list")


@staff_view({"GET": Role.EDITOR}, may_be_stored=False)
def lead_export(request: DashboardRequest) -> StreamingHttpResponse:
    found = leads.leads_newest_first(_searched(request.GET.get("q", "")))
    pairs = found.values_list("email", "created_at").iterator(chunk_size=CHUNK_SIZE)
    rows = ([email, moment.isoformat(timespec="seconds")] for email, moment in pairs)
    filename = f"leads-{timezone.now():%Y-%m-%d}.csv"
    return csv_download(filename, ["email", "signed_up_at"], rows)


@staff_view({"POST": Role.EDITOR})
def lead_delete(request: DashboardRequest, lead_id: int) -> HttpResponse:
    email = leads.delete_lead(lead_id=lead_id)
    messages.success(request, _("%(email)s is deleted.") % {"email": email})
    return go_to(request, _list_url(request))


@staff_view({"POST": Role.EDITOR})
def lead_delete_found(request: DashboardRequest) -> HttpResponse:
    """Delete what a search finds, if that is as many as the question said."""
    part = _searched(request.POST.get("q", ""))
    expected = request.POST.get("expected", "")[:12]
    if not part or not expected.isdecimal():
        messages.error(
            request, _("Search for a part of the address first, then delete what is found.")
        )
        return go_to(request, _list_url(request))
    try:
        leads.delete_leads(part=part, expected=int(expected))
    except leads.OtherNumber as other:
        messages.error(
            request,
            _(
                "Nothing was deleted: “%(part)s” finds %(found)s addresses now, and not "
                "%(expected)s. Look again."
            )
            % {"part": part, "found": count(other.number), "expected": count(int(expected))},
        )
    else:
        told = _("Deleted: %(number)s with “%(part)s”.")
        messages.success(request, told % {"number": count(int(expected)), "part": part})
    return go_to(request, _list_url(request))


def _words(part: str, number: int) -> dict[str, object]:
    """Return what the button says that deletes all that was found, and what buttons send along."""
    values = {"number": count(number), "part": part}
    label = ngettext("Delete %(number)s address", "Delete %(number)s addresses", number)
    title = ngettext(
        "Delete %(number)s address with “%(part)s”?",
        "Delete %(number)s addresses with “%(part)s”?",
        number,
    )
    return {
        "label": label % values,
        "title": title % values,
        "fields": {"q": part, "expected": number},
        "kept": {"q": part},
    }


def _searched(text: str) -> str:
    """Return what is searched for. Addresses have no NUL, which PostgreSQL would refuse."""
    return text.replace("\x00", "").strip()[:254]


def _list_url(request: HttpRequest) -> str:
    """Return the list, as it was searched."""
    part = _searched(request.POST.get("q", ""))
    query = f"?{urlencode({'q': part})}" if part else ""
    return reverse("dashboard:lead-list") + query
