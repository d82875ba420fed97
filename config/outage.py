"""What staff see while the database is away: a page that says so, and a calm log."""

from __future__ import annotations

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from experiments.http import is_api_path
from experiments.keeper import keeper

RETRY_SECONDS = 5


class OutageMiddleware:
    """Answers 503 for pages whose view needed a database that didn't answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if not isinstance(exception, OperationalError | InterfaceError) or is_api_path(request):
            return None
        keeper.log_failure(exception)
        # Without the request: its user would be looked for in the database.
        return HttpResponse(
            render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_SECONDS)}
        )
