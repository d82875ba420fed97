"""What the page leaves in a visitor's browser, and how it is read back.

`visitor_id` is who it is, `assignments` is what the visitor already has, so that no query is needed
to know it, and `signed_up` lives for the one redirect between a sign-up and its thank-you.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from experiments.answers import clean_uuid
from landing.visitors import VISITOR_COOKIE

ASSIGNMENTS_COOKIE = "assignments"
SIGNED_UP_COOKIE = "signed_up"
YEAR = timedelta(days=365)
SIGN_UP_MINUTE = timedelta(minutes=1)

# {experiment id: variant id}; None where the visitor was refused because the experiment is paused.
Remembered = Mapping[str, str | None]
# Browsers drop a cookie of more than 4,096 bytes; what has no room is asked for anew.
MOST_REMEMBERED = 80
_NOBODY = bytes(16)
_PAIR = 32


def set_cookie(
    request: HttpRequest, response: HttpResponse, name: str, value: str, max_age: timedelta
) -> None:
    """Set a cookie that scripts can't read and other sites' forms don't send."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS or request.is_secure(),
    )


def set_visitor(request: HttpRequest, response: HttpResponse, visitor_id: str) -> None:
    set_cookie(request, response, VISITOR_COOKIE, visitor_id, YEAR)


def set_assignments(
    request: HttpRequest, response: HttpResponse, visitor_id: str, remembered: Remembered
) -> None:
    set_cookie(request, response, ASSIGNMENTS_COOKIE, seal(visitor_id, remembered), YEAR)


def assignments_of(request: HttpRequest, visitor_id: str) -> dict[str, str | None]:
    """Return what the cookie says this visitor has: nothing if it is forged, old or another's."""
    sealed = request.COOKIES.get(ASSIGNMENTS_COOKIE)
    if not sealed:
        return {}
    try:
        packed = urlsafe_base64_decode(_signer(visitor_id).unsign(sealed, max_age=YEAR))
    except (signing.BadSignature, ValueError):
        return {}
    return dict(_unpacked(packed))


def seal(visitor_id: str, remembered: Remembered) -> str:
    """Return a visitor's assignments as a cookie's text: 43 characters each, and a signature.

    Of more than MOST_REMEMBERED, the first ones.
    """
    packed = b"".join(
        UUID(experiment_id).bytes + (UUID(variant_id).bytes if variant_id else _NOBODY)
        for experiment_id, variant_id in islice(remembered.items(), MOST_REMEMBERED)
    )
    return _signer(visitor_id).sign(urlsafe_base64_encode(packed))


def sign_up_of(request: HttpRequest) -> str | None:
    """Return the event id of the sign-up that this page load follows, if it follows one."""
    return clean_uuid(request.COOKIES.get(SIGNED_UP_COOKIE))


def _signer(visitor_id: str) -> signing.TimestampSigner:
    # The visitor's id is part of the salt: a cookie carried over to another visitor is a forgery.
    return signing.TimestampSigner(salt=f"landing.assignments.{visitor_id}")


def _unpacked(packed: bytes) -> Iterator[tuple[str, str | None]]:
    for start in range(0, len(packed) - len(packed) % _PAIR, _PAIR):
        experiment, variant = packed[start : start + 16], packed[start + 16 : start + _PAIR]
        yield str(UUID(bytes=experiment)), None if variant == _NOBODY else str(UUID(bytes=variant))
