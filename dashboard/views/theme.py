"""Choosing between light and dark."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from dashboard.pages import page_before, wants_part
from dashboard.theme import keep_theme, theme_named


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice; a script turns the page at once, others get the page again."""
    chosen = theme_named(request.POST.get("theme", ""))
    if chosen is None:
        return HttpResponseBadRequest(_("The theme is one of: system, light, dark."))
    response = HttpResponse(status=204) if wants_part(request) else redirect(page_before(request))
    trigger_client_event(response, "plainsplit:theme", {"theme": chosen.value})
    keep_theme(response, chosen)
    return response
