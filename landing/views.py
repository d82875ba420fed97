"""The landing page and its sign-up form."""

from __future__ import annotations

import uuid

from django.db import Error, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
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
from landing.visits import Visit, receive
from metrics.leads import add_lead

UNAVAILABLE = (
    "We can’t take your address down just now; that’s our fault, not yours. What you typed is "
    "still here: please try again in a minute."
)
ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /dashboard/\n"


@require_safe
@gzip_page
def home(request: HttpRequest) -> HttpResponse:
    """Show the page in the visitor's own variants, from the first byte."""
    timings = Timings()
    with timings.part("assignment"):
        visit = receive(request)
    sign_up = _thanks_for(request, visit) or EMPTY_FORM
    with timings.part("render"):
        response = _page(request, visit, sign_up)
    timings.tell(response)
    if sign_up.is_done and visit.exclusion is None:
        response.delete_cookie(cookies.SIGNED_UP_COOKIE, samesite="Lax")
    return response


@csrf_exempt  # forgery.refusal_of asks Django's check, and knows visitors without cookies
@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
def sign_up(request: HttpRequest) -> HttpResponse:
    """Keep an address, and lead back to the page, which says thank you."""
    if request.method != "POST":
        return HttpResponseRedirect(f"{reverse('landing:home')}#sign-up")
    refusal = forgery.refusal_of(request)
    if refusal is not None:
        return refusal
    form = SignUpForm(request.POST)
    try:
        check_limit("signups", caller_of(request))
    except ApiError as error:
        return _too_many(request, form, error.answer.headers["Retry-After"])
    if not form.is_valid():
        state = SignUp(email=form.typed(), field_error=form.field_error())
        return _page(request, receive(request), state, status=422)
    try:
        keep_address(form.cleaned_data["email"])
    except Error:
        state = SignUp(email=form.typed(), notice=UNAVAILABLE)
        return _page(request, receive(request), state, status=503, retry_after="60")
    return _thank(request)


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


def _too_many(request: HttpRequest, form: SignUpForm, seconds: str) -> HttpResponse:
    notice = (
        "That was more sign-ups than we take from one place in a minute. What you typed is still "
        f"here: please try again in {seconds} seconds."
    )
    state = SignUp(email=form.typed(), notice=notice)
    return _page(request, receive(request), state, status=429, retry_after=seconds)


def _thank(request: HttpRequest) -> HttpResponse:
    """Redirect to the thank-you, with an event id for exactly one report of this sign-up."""
    home_url = reverse("landing:home")
    is_counted = visitors.exclusion_of(request) is None
    if not is_counted or visitors.identify(request).is_cookie_due:
        return _see_other(f"{home_url}?thanks=1#sign-up")
    response = _see_other(f"{home_url}#sign-up")
    cookies.set_cookie(
        request, response, cookies.SIGNED_UP_COOKIE, str(uuid.uuid4()), cookies.SIGN_UP_MINUTE
    )
    return response


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
