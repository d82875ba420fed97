"""The JSON dialect on Django's road: one decorator for API views, one middleware for errors."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from experiments import answers, roles, tokens
from experiments.answers import Answer, ApiError
from experiments.limits import Caller, check_limit, client_address

logger = logging.getLogger(__name__)
P = ParamSpec("P")

API_PREFIX = "/api/"
NOT_FOUND = answers.error(404, "There is nothing at this path.")
SERVER_ERROR = answers.error(500, "Something went wrong on our side. It was logged.")


class Access(StrEnum):
    """Who may call: anyone, or staff (session or token)."""

    ANYONE = "anyone"
    STAFF = "staff"


def respond(answer: Answer) -> HttpResponse:
    """Return an answer as Django's response."""
    response = HttpResponse(answer.encoded(), status=answer.status, content_type="application/json")
    for name, value in answer.headers.items():
        response[name] = value
    response.setdefault("Cache-Control", "no-store")
    return response


def caller_of(request: HttpRequest) -> Caller:
    """Return whose requests are counted together with this one."""
    peer = request.META.get("REMOTE_ADDR", "")
    return Caller(client_address(peer, request.headers.get), request.method or "GET")


def api_view(
    *, limits: dict[str, str], access: dict[str, Access]
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], Answer]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Make a view that returns an Answer a full member of the API.

    `limits` and `access` give each method its rate limit's group and its callers; other methods
    are answered 405. Cross-site checks apply to calls that ride on a session, not to token calls.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], Answer],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @csrf_exempt
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            method = "GET" if request.method == "HEAD" else request.method or ""
            try:
                if method not in access:
                    allowed = ", ".join(sorted(access))
                    return respond(
                        answers.error(405, f"This path answers {allowed} only.", Allow=allowed)
                    )
                check_limit(limits[method], caller_of(request))
                if access[method] is Access.STAFF:
                    _require_staff(request)
                return respond(view(request, *args, **kwargs))
            except ApiError as refusal:
                return respond(refusal.answer)

        return wrapped

    return decorate


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the request's JSON object, or raise the ApiError that says what is wrong with it."""
    return answers.parse_body(bytes_of(request))


def bytes_of(request: HttpRequest) -> bytes:
    """Return the request's body, or raise the ApiError for one that is too large or broken off."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY_BYTES:
            raise ApiError(answers.BODY_TOO_LARGE)
        return request.body
    except RequestDataTooBig:
        raise ApiError(answers.BODY_TOO_LARGE) from None
    except (UnreadablePostError, ValueError):
        raise ApiError(answers.error(400, "The body could not be read.")) from None


def _require_staff(request: HttpRequest) -> None:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if tokens.token_for(credential.strip()) is None:
            raise ApiError(
                answers.error(401, "This API token is not valid.", WWW_Authenticate="Bearer")
            )
        return
    if not request.user.is_authenticated:
        raise ApiError(
            answers.error(
                401,
                "Sign in, or send an API token: Authorization: Bearer ….",
                WWW_Authenticate="Bearer",
            )
        )
    is_reading = request.method in ("GET", "HEAD")
    if not (roles.can_view(request.user) if is_reading else roles.can_edit(request.user)):
        raise ApiError(answers.error(403, "Your role doesn't allow this; ask an editor."))
    if not is_reading and CsrfViewMiddleware(lambda _r: HttpResponse()).process_view(
        request, lambda _r: HttpResponse(), (), {}
    ):
        raise ApiError(answers.error(403, "The CSRF token is missing or wrong."))


class JsonErrorsMiddleware:
    """Under /api/, whatever goes wrong outside a view is said in JSON too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_api = request.path_info.startswith(API_PREFIX)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        if is_api and response.status_code >= 400 and not is_json:
            return respond(_PLAIN_ERRORS.get(response.status_code, SERVER_ERROR))
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if not request.path_info.startswith(API_PREFIX):
            return None
        if isinstance(exception, OperationalError | InterfaceError):
            logger.error("database unavailable", extra={"error": type(exception).__name__})
            return respond(answers.UNAVAILABLE)
        if isinstance(exception, PermissionDenied):
            return respond(answers.error(403, "Not allowed."))
        return None


_PLAIN_ERRORS = {
    400: answers.error(400, "The request is malformed."),
    403: answers.error(403, "Not allowed."),
    404: NOT_FOUND,
    405: answers.error(405, "This path doesn't answer that method."),
    413: answers.BODY_TOO_LARGE,
}
