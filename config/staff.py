"""What only staff's pages and calls need: sessions, people, messages, HTMX; and staff's marker.

Visitors' pages are asked for far more often and need none of it, and every middleware costs on
every request that goes through it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.db import Error
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from experiments import roles, staff_marker

DASHBOARD = "/dashboard/"
PREFIXES = (DASHBOARD, "/api/")


class StaffMiddleware:
    """Leads requests for staff's paths through settings.STAFF_MIDDLEWARE, in its order."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._staff_chain = get_response
        for path in reversed(settings.STAFF_MIDDLEWARE):
            self._staff_chain = import_string(path)(self._staff_chain)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(PREFIXES):
            return self._staff_chain(request)
        return self._get_response(request)


class StaffMarkerMiddleware:
    """Keeps the marker of who is signed in with a role: set and renewed whenever the session is.

    Within the session's middleware, which saves the session after this, and around all that may
    change it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        # Only where the answer looked at who it is: nothing is asked for the marker's sake alone.
        if request.path_info.startswith(DASHBOARD) and request.session.accessed:
            # Without the database the answer stands, and the marker waits for the next one.
            with suppress(Error):
                self._keep(request, response)
        return response

    def _keep(self, request: HttpRequest, response: HttpResponseBase) -> None:
        if response.status_code >= 500:
            return  # such an answer doesn't save the session either
        if request.user.is_authenticated:
            if request.session.modified or not staff_marker.is_marked(request):
                self._renew(request, response)
        else:
            staff_marker.unmark(request, response)

    def _renew(self, request: HttpRequest, response: HttpResponseBase) -> None:
        if roles.can_view(request.user):
            # Saved even where nothing in it changed: so both end at the same moment.
            request.session.modified = True
            staff_marker.mark(request, response)
        else:
            staff_marker.unmark(request, response)
