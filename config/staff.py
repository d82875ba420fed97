"""What only staff's pages and calls need: sessions, people, messages, HTMX.

Visitors' pages are asked for far more often and need none of it, and every middleware costs on
every request that goes through it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

PREFIXES = ("/dashboard/", "/api/")


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
