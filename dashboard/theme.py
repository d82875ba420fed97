"""Light or dark: the reader's own choice, kept in a cookie so that the first byte has it."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE = "theme"
COOKIE_PATH = "/dashboard/"
COOKIE_SECONDS = 365 * 24 * 3600


class Theme(StrEnum):
    """What a reader may choose; the system's own is what nobody chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def theme_of(request: HttpRequest) -> Theme:
    """Return what the reader chose in this browser; whatever else the cookie says is the system."""
    return theme_named(request.COOKIES.get(COOKIE, "")) or Theme.SYSTEM


def theme_named(name: str) -> Theme | None:
    return Theme(name) if name in set(Theme) else None


def keep_theme(response: HttpResponseBase, theme: Theme) -> None:
    """Let the browser remember the choice, for the dashboard's pages alone."""
    if theme is Theme.SYSTEM:
        response.delete_cookie(COOKIE, path=COOKIE_PATH)
        return
    response.set_cookie(
        COOKIE,
        theme.value,
        max_age=COOKIE_SECONDS,
        path=COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
