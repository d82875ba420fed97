"""The pages for what went wrong: 400, 403, 404 and 500, in HTML or, under /api/, in JSON."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from experiments.http import CSRF_FAILED, NOT_FOUND, SERVER_ERROR, is_api_path, respond


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django names it)
    if is_api_path(request):
        return respond(NOT_FOUND)
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if is_api_path(request):
        return respond(SERVER_ERROR)
    # Without the request: what broke may be what a page's context is made of.
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, **_reason: object) -> HttpResponse:
    """The form's token is missing or old; the page says what to do, the log says why."""
    if is_api_path(request):
        return respond(CSRF_FAILED)
    return render(request, "403_csrf.html", status=403)
