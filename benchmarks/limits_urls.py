"""Two views at the stack's limit: two bytes, and the landing page's template with a fixed context.

The page has every part of the product's own page, but no visitor, no variant of theirs, no cookie.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from experiments.keeper import keeper
from landing.content import context_for, features_of, shown_in
from landing.pages import EMPTY_FORM
from landing.visits import Visit


@cache
def _context() -> dict[str, Any]:
    snapshot = keeper.current()
    visit = Visit(snapshot, snapshot.home)
    return {
        **context_for(visit, shown_in(visit), features_of(visit)),
        "assignments": "[]",
        "visitor_id": "4211443a-b9c8-42b5-9879-f44dcd59e883",
        "csrf_field": "",
        "origin": "http://localhost",
        "sign_up": EMPTY_FORM,
    }


def two_bytes(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"ok")


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "landing/page.html", _context())


urlpatterns = [
    path("two-bytes", two_bytes),
    path("page", page),
    # For the names that the template links to.
    path("", include("landing.urls")),
]
