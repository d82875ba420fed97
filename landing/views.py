"""The landing page and its sign-up form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from django.db import Error, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from experiments.answers import ApiError
from experiments.http import caller_of
from experiments.keeper import keeper
from experiments.limits import check_limit
from landing import cookies, forgery, visitors
from landing.counting import count_page
from landing.forms import SignUpForm
from landing.pages import EMPTY_FORM, SignUp, render
from landing.timing import Timings
from landing.visits import NoSuchPage, Visit, page_at, receive
from metrics.leads import add_lead

P = ParamSpec("P")
RETRY_SECONDS = 5
UNAVAILABLE = (
    "We can’t take your address down just now; that’s our fault, not yours. What you typed is "
    "still here: please try again in a minute."
)
ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /dashboard/\n"


def _at_a_page(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Answer 404 where no page has the address, also if it was deleted a moment ago.

    A process that has never reached its database can't know, and says so.
    """

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except NoSuchPage as missing:
            if missing.is_known:
                raise Http404 from None
            headers = {"Retry-After": str(RETRY_SECONDS)}
            return HttpResponse(render_to_string("503.html"), status=503, headers=headers)

    return wrapped


@require_safe
@gzip_page
@_at_a_page
def home(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Show the page at `/`, or of that slug, in the visitor's own variants from the first byte."""
    if slug and (answer := _elsewhere(request, slug)):
        return answer
    timings = Timings()
    with timings.part("assignment"):
        visit = receive(request, slug)
    sign_up = _thanks_for(request, visit) or EMPTY_FORM
    with timings.part("render"):
        response = _page(request, visit, sign_up)
    timings.tell(response)
    if sign_up.is_done and visit.exclusion is None:
        response.delete_cookie(cookies.SIGNED_UP_COOKIE, samesite="Lax")
    return response


@require_safe
@_at_a_page
def without_slash(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to the page whose address was typed without its last slash."""
    return _elsewhere(request, slug) or HttpResponsePermanentRedirect(
        _with_query(request, f"/{slug}/")
    )


@csrf_exempt  # forgery.refusal_of asks Django's check, and knows visitors without cookies
@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
@_at_a_page
def sign_up(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Keep an address, and lead back to the page, which says thank you."""
    path = page_at(keeper.current(), slug).path if slug else "/"
    if request.method != "POST":
        return HttpResponseRedirect(f"{path}#sign-up")
    refusal = forgery.refusal_of(request)
    if refusal is not None:
        return refusal
    form = SignUpForm(request.POST)
    try:
        check_limit("signups", caller_of(request))
    except ApiError as error:
        return _too_many(request, slug, form, error.answer.headers["Retry-After"])
    if not form.is_valid():
        return _page(request, receive(request, slug), _refused(form), status=422)
    try:
        keep_address(form.cleaned_data["email"])
    except Error:
        state = SignUp(email=form.typed(), notice=UNAVAILABLE)
        return _page(request, receive(request, slug), state, status=503, retry_after="60")
    return _thank(request, path)


def keep_address(email: str) -> None:
    """Store a lead, without waiting for a database that is known to be away."""
    keeper.current()
    if not keeper.is_database_well:
        raise OperationalError("The database is away.")
    try:
        add_lead(email=email)
    except Error as error:
        keeper.note_failure(error)
        raise


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask for /favicon.ico to the icon."""
    return HttpResponseRedirect(
        static("favicon.svg"), headers={"Cache-Control": "public, max-age=86400"}
    )


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        ROBOTS, content_type="text/plain", headers={"Cache-Control": "public, max-age=86400"}
    )


def _elsewhere(request: HttpRequest, slug: str) -> HttpResponse | None:
    """Return what answers an address that isn't the page's own, None for one that is."""
    if page_at(keeper.current(), slug).path == "/":
        # Not for good: another page may come to stand at `/`.
        return HttpResponseRedirect(_with_query(request, "/"))
    return None


def _with_query(request: HttpRequest, path: str) -> str:
    query = request.META.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


def _page(
    request: HttpRequest, visit: Visit, state: SignUp, *, status: int = 200, retry_after: str = ""
) -> HttpResponse:
    """Render the page with its headers and the cookies that are due."""
    response = HttpResponse(render(request, visit, state), status=status)
    count_page(visit)
    response["Cache-Control"] = "private, no-store"
    if retry_after:
        response["Retry-After"] = retry_after
    if visit.exclusion is not None:
        response["X-Uncounted"] = visit.exclusion.value
    if visit.visitor is not None and visit.visitor.is_cookie_due:
        cookies.set_visitor(request, response, visit.visitor.id)
    if visit.visitor is not None and visit.remember is not None:
        cookies.set_assignments(request, response, visit.visitor.id, visit.remember)
    return response


def _too_many(request: HttpRequest, slug: str, form: SignUpForm, seconds: str) -> HttpResponse:
    notice = (
        "That was more sign-ups than we take from one place in a minute. What you typed is still "
        f"here: please try again in {seconds} seconds."
    )
    state = SignUp(email=form.typed(), notice=notice)
    return _page(request, receive(request, slug), state, status=429, retry_after=seconds)


def _thank(request: HttpRequest, path: str) -> HttpResponse:
    """Redirect to the thank-you, with an event id for exactly one report of this sign-up."""
    is_counted = visitors.exclusion_of(request) is None
    if not is_counted or visitors.identify(request).is_cookie_due:
        return _see_other(f"{path}?thanks=1#sign-up")
    response = _see_other(f"{path}#sign-up")
    cookies.set_cookie(
        request, response, cookies.SIGNED_UP_COOKIE, str(uuid.uuid4()), cookies.SIGN_UP_MINUTE
    )
    return response


def _refused(form: SignUpForm) -> SignUp:
    return SignUp(email=form.typed(), field_error=form.field_error(), error_key=form.error_key())


def _thanks_for(request: HttpRequest, visit: Visit) -> SignUp | None:
    """Return the thank-you state where this page load follows a sign-up."""
    event_id = cookies.sign_up_of(request) if visit.visitor is not None else None
    if event_id is None and "thanks" not in request.GET:
        return None
    return SignUp(is_done=True, event_id=event_id if visit.is_tracked else None)


def _see_other(location: str) -> HttpResponse:
    response = HttpResponseRedirect(location, headers={"Cache-Control": "no-store"})
    response.status_code = 303
    return response
