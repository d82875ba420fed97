"""Does the sign-up come from our own page? Also for visitors who carry no cookie at all."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware


def refusal_of(request: HttpRequest) -> HttpResponse | None:
    """Return the 403 for a form that another site sent, None for one of ours.

    Django compares the form's token with a cookie. Visitors who asked for privacy were given no
    cookie, and some block them all: for them the browser's word counts, which names the site that
    a form is on and can't be made to lie by that site.
    """
    if settings.CSRF_COOKIE_NAME not in request.COOKIES and _is_from_here(request):
        return None
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    return check.process_view(request, lambda _request: HttpResponse(), (), {})


def _is_from_here(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin")
    ours = f"{request.scheme}://{request.get_host()}"
    return origin == ours or origin in settings.CSRF_TRUSTED_ORIGINS
