"""How often somebody may try to sign in, or ask for e-mail: by address, and by what they name."""

from __future__ import annotations

import secrets
import unicodedata

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from experiments.answers import ApiError
from experiments.http import caller_of
from experiments.limits import Caller, check_limit

KNOWN_COOKIE = "known_browser"
KNOWN_FOR = 180 * 24 * 3600


class TooManyAttempts(Exception):
    """More than may be tried; `seconds` says after how many the next attempt is heard."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Wait {seconds} seconds.")
        self.seconds = seconds


def account_of(typed: str) -> str:
    """Return what all spellings have in common that Django's form takes for one user name."""
    return unicodedata.normalize("NFKC", typed.strip()).casefold()[:150]


def check_sign_in(request: HttpRequest, typed: str) -> None:
    """Count an attempt to sign in; raise TooManyAttempts.

    By address first: what is refused there doesn't count against the account. Then by account,
    since guesses from many addresses are one attack too. Such an attack mustn't keep the account's
    owner out, so a browser in which the account has signed in before has a count of its own.
    """
    _check("sign-ins", caller_of(request))
    account = account_of(typed)
    if browser := _known_browser(request, account):
        _check("sign-ins", Caller(f"browser:{browser}"))
    else:
        _check("account-sign-ins", Caller(f"account:{account}"))


def check_password_reset(request: HttpRequest, address: str) -> None:
    """Count a wish for a link by e-mail; raise TooManyAttempts."""
    _check("password-resets", caller_of(request))
    _check("password-resets", Caller(f"mailbox:{account_of(address)}"))


def check_own_password(request: HttpRequest) -> None:
    """Count a try at the password of whoever is signed in; raise TooManyAttempts."""
    _check("sign-ins", Caller(f"own:{request.user.pk}"))


def remember_browser(response: HttpResponseBase, typed: str) -> None:
    """Let the browser show later that this account has signed in with it; it says nothing else."""
    sealed = _signer().sign(f"{_mark_of(account_of(typed))}-{secrets.token_hex(8)}")
    response.set_cookie(
        KNOWN_COOKIE,
        sealed,
        max_age=KNOWN_FOR,
        path="/dashboard/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _known_browser(request: HttpRequest, account: str) -> str:
    """Return the id of a browser that this account has signed in with, or nothing."""
    try:
        known = _signer().unsign(request.COOKIES.get(KNOWN_COOKIE, ""), max_age=KNOWN_FOR)
    except signing.BadSignature:
        return ""
    mark = known.partition("-")[0]
    return known if constant_time_compare(mark, _mark_of(account)) else ""


def _mark_of(account: str) -> str:
    return salted_hmac("known browser", account, algorithm="sha256").hexdigest()[:32]


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="known browser")


def _check(group: str, caller: Caller) -> None:
    try:
        check_limit(group, caller)
    except ApiError as refusal:
        raise TooManyAttempts(int(refusal.answer.headers["Retry-After"])) from None
