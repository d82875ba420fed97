"""The pages for what went wrong: 400, 403, 404 and 500, in HTML or, under /api/, in JSON."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments.http import API_PREFIX, NOT_FOUND, SERVER_ERROR, respond


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(API_PREFIX):
        return respond(NOT_FOUND)
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path_info.startswith(API_PREFIX):
        return respond(SERVER_ERROR)
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old; the page says what to do, the log says why."""
    return render(request, "403_csrf.html", status=403)
