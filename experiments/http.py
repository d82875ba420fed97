"""The JSON dialect on Django's road: one decorator for API views, one middleware for errors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from experiments import answers, roles, tokens
from experiments.answers import Answer, ApiError
from experiments.keeper import keeper
from experiments.limits import Caller, check_limit, client_address

P = ParamSpec("P")

NOT_FOUND = answers.error(404, "There is nothing at this path.")
SERVER_ERROR = answers.error(500, "Something went wrong on our side. It was logged.")
BROKEN_BODY = answers.error(400, "The body could not be read.")
BAD_TOKEN = answers.error(401, "This API token is not valid.", WWW_Authenticate="Bearer")
NOBODY = answers.error(
    401, "Sign in, or send an API token: Authorization: Bearer ….", WWW_Authenticate="Bearer"
)
NOT_A_VIEWER = answers.error(403, "Your account has no role here; ask an editor for one.")
NOT_AN_EDITOR = answers.error(403, "Viewers may look and not change; ask an editor.")
CSRF_FAILED = answers.error(
    403, "The CSRF token is missing or wrong. Send a page's csrfmiddlewaretoken in X-CSRFToken."
)


class Access(StrEnum):
    """Who may call: anyone, or staff (session or token)."""

    ANYONE = "anyone"
    STAFF = "staff"


def is_api_path(request: HttpRequest) -> bool:
    """Return whether a request is answered in JSON, whatever goes wrong with it."""
    return request.path_info == "/api" or request.path_info.startswith("/api/")


def respond(answer: Answer) -> HttpResponse:
    """Return an answer as Django's response."""
    response = HttpResponse(answer.encoded(), status=answer.status, content_type="application/json")
    if answer.body is None:
        del response["Content-Type"]
    for name, value in answer.headers.items():
        response[name] = value
    response.setdefault("Cache-Control", "no-store")
    return response


def caller_of(request: HttpRequest) -> Caller:
    """Return whose requests are counted together with this one."""
    peer = request.META.get("REMOTE_ADDR", "")
    return Caller(client_address(peer, request.headers.get), request.method or "GET")


def api_view(
    *, access: Mapping[str, Access], limits: Mapping[str, str]
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], Answer]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Make a view that returns an Answer a full member of the API.

    `access` and `limits` give each method its callers and its rate limit's group; a method without
    a group has no limit. HEAD is answered as GET, OPTIONS by the list of methods, others by a 405.
    """
    answered = {*access, "OPTIONS"} | ({"HEAD"} if "GET" in access else set())
    allow = ", ".join(sorted(answered))

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], Answer],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        # _require_staff makes the cross-site checks, for the calls that ride on a session.
        @csrf_exempt
        @functools.wraps(view)
        def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            method = "GET" if request.method == "HEAD" else request.method or ""
            if method == "OPTIONS":
                return respond(Answer(204, None, {"Allow": allow}))
            if method not in access:
                return respond(answers.error(405, f"This path answers {allow} only.", Allow=allow))
            try:
                if method in limits:
                    check_limit(limits[method], caller_of(request))
                if access[method] is Access.STAFF:
                    _require_staff(request)
                return respond(view(request, *args, **kwargs))
            except ApiError as refusal:
                return respond(refusal.answer)

        wrapped.methods = frozenset(access)  # type: ignore[attr-defined]  # for the description's test
        return wrapped

    return decorate


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the request's JSON object, or raise the ApiError that says what is wrong with it."""
    return answers.parse_body(bytes_of(request))


def bytes_of(request: HttpRequest) -> bytes:
    """Return the request's body, or raise the ApiError for one that is too large or broken off."""
    try:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit():
            raise ApiError(BROKEN_BODY)
        if int(length) > settings.MAX_BODY_BYTES:
            raise ApiError(answers.BODY_TOO_LARGE)
        is_chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
        return _chunked_bytes_of(request) if is_chunked else request.body
    except RequestDataTooBig:
        raise ApiError(answers.BODY_TOO_LARGE) from None
    except (OSError, ValueError):
        raise ApiError(BROKEN_BODY) from None


def _chunked_bytes_of(request: HttpRequest) -> bytes:
    """Read a body that comes without its length, which Django itself takes for empty."""
    body = b""
    while len(body) <= settings.MAX_BODY_BYTES:
        chunk = request.META["wsgi.input"].read(settings.MAX_BODY_BYTES + 1 - len(body))
        if not chunk:
            return body
        body += chunk
    raise ApiError(answers.BODY_TOO_LARGE)


def _require_staff(request: HttpRequest) -> None:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = tokens.token_for(credential.strip())
        if token is None:
            raise ApiError(BAD_TOKEN)
        # Whoever calls with a token is the token, whoever else may be signed in.
        request.api_token = token  # type: ignore[attr-defined]  # for config.actors
        return
    if not request.user.is_authenticated:
        raise ApiError(NOBODY)
    if request.method in ("GET", "HEAD"):
        if not roles.can_view(request.user):
            raise ApiError(NOT_A_VIEWER)
        return
    if not roles.can_edit(request.user):
        raise ApiError(NOT_AN_EDITOR)
    _require_same_site(request)


def _require_same_site(request: HttpRequest) -> None:
    """Refuse what another site's page may have sent in the name of a signed-in editor."""
    # A form, which a foreign page can send without asking; and Django's check would read its body.
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise ApiError(answers.error(400, "Send the body as application/json."))
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    if check.process_view(request, lambda _request: HttpResponse(), (), {}) is not None:
        raise ApiError(CSRF_FAILED)


class JsonErrorsMiddleware:
    """Under /api/, whatever goes wrong outside a view is said in JSON too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        if is_api_path(request) and response.status_code >= 400 and not is_json:
            return respond(_PLAIN_ERRORS.get(response.status_code, SERVER_ERROR))
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if not is_api_path(request):
            return None
        if isinstance(exception, OperationalError | InterfaceError):
            # The request's own line says 503.
            keeper.log_failure(exception)
            return respond(answers.UNAVAILABLE)
        if isinstance(exception, PermissionDenied):
            return respond(answers.error(403, "Not allowed."))
        return None


_PLAIN_ERRORS = {
    400: answers.error(400, "The request is malformed, or for a host that isn't served here."),
    403: answers.error(403, "Not allowed."),
    404: NOT_FOUND,
    405: answers.error(405, "This path doesn't answer that method."),
    413: answers.BODY_TOO_LARGE,
}
