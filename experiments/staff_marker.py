"""A cookie by which visitors' pages know their own team, without asking for sessions.

It says that somebody with a role is signed in to the dashboard in this browser, and until when;
not who.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

MARKER_COOKIE = "staff"


def is_marked(request: HttpRequest) -> bool:
    """Return whether the request carries a marker that we signed and that hasn't ended."""
    sealed = request.COOKIES.get(MARKER_COOKIE)
    if not sealed:
        return False
    try:
        return int(_signer().unsign(sealed)) > time.time()
    except (signing.BadSignature, ValueError):
        return False


def mark(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set the marker, to end with the request's session as this response saves it."""
    seconds = request.session.get_expiry_age()
    response.set_cookie(
        MARKER_COOKIE,
        _signer().sign(str(int(time.time() + seconds))),
        max_age=None if request.session.get_expire_at_browser_close() else seconds,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS or request.is_secure(),
    )


def unmark(request: HttpRequest, response: HttpResponseBase) -> None:
    """Remove the marker where there is one."""
    if MARKER_COOKIE in request.COOKIES:
        response.delete_cookie(MARKER_COOKIE, samesite="Lax")


def _signer() -> signing.Signer:
    return signing.Signer(salt="staff marker")
