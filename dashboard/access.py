"""Who may open which page of the dashboard, and how everybody else is answered."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, gettext_noop
from django_htmx.http import HttpResponseClientRedirect

from dashboard.pages import DashboardRequest, htmx_of, send_messages, wants_part
from experiments import roles

P = ParamSpec("P")

SIGNED_OUT = gettext_noop(
    "You have been signed out. Nothing you typed is lost: sign in, then try again."
)
NO_ROLE = gettext_noop(
    "Your account has no role in Plainsplit yet. Ask an editor or an administrator to make you a "
    "viewer or an editor."
)
VIEWER_ONLY = gettext_noop(
    "Your role lets you look at this dashboard but not change it. Ask an editor."
)


class Role(StrEnum):
    """What a method of a page asks of whoever calls it."""

    VIEWER = "viewer"
    EDITOR = "editor"

    def is_held_by(self, user: roles.AnyUser) -> bool:
        return roles.can_view(user) if self is Role.VIEWER else roles.can_edit(user)


def staff_view(
    access: Mapping[str, Role], *, may_be_stored: bool = True
) -> Callable[
    [Callable[Concatenate[DashboardRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Make a view a page of the dashboard, open to the role that `access` names for each method.

    Other methods get a 405; an object that doesn't exist a 404. `may_be_stored=False` keeps a page
    with personal data or a secret out of the browser's stores, at the price that its forms are
    empty after Back.
    """

    def decorate(
        view: Callable[Concatenate[DashboardRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            refusal = _refusal(request, access)
            staff = cast(DashboardRequest, request)
            try:
                response = refusal or view(staff, *args, **kwargs)
            except ObjectDoesNotExist:
                raise Http404 from None
            send_messages(staff, response)
            patch_vary_headers(response, ["HX-Request"])
            response["Cache-Control"] = "private, no-cache" if may_be_stored else "no-store"
            return response

        return wrapped

    return decorate


def _refusal(request: HttpRequest, access: Mapping[str, Role]) -> HttpResponse | None:
    method = "GET" if request.method == "HEAD" else request.method or ""
    if method not in access:
        return HttpResponseNotAllowed(sorted(access))
    if not request.user.is_authenticated:
        return _sign_in_first(request, is_reading=method == "GET")
    if not access[method].is_held_by(request.user):
        return _forbid(request)
    return None


def _sign_in_first(request: HttpRequest, *, is_reading: bool) -> HttpResponse:
    if not wants_part(request):
        back = request.get_full_path() if is_reading else resolve_url("dashboard:home")
        return redirect_to_login(back)
    if is_reading:
        page = htmx_of(request).current_url_abs_path or resolve_url("dashboard:home")
        return HttpResponseClientRedirect(redirect_to_login(page).url)
    # Leaving the page would lose what was typed in it: the message offers to sign in elsewhere.
    messages.error(request, gettext(SIGNED_OUT), extra_tags="sign-in")
    return HttpResponse(status=401)


def _forbid(request: HttpRequest) -> HttpResponse:
    may_look = roles.can_view(request.user)
    sentence = gettext(VIEWER_ONLY if may_look else NO_ROLE)
    if wants_part(request):
        messages.error(request, sentence)
        return HttpResponse(status=403)
    context = {"sentence": sentence, "may_look": may_look}
    return render(request, "dashboard/forbidden.html", context, status=403)
