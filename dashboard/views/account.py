"""One's own account: the e-mail address and the password."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from dashboard.access import Role, staff_view
from dashboard.forms.accounts import OwnEmailForm, OwnPasswordForm
from dashboard.pages import DashboardRequest, go_to, render_page
from dashboard.throttle import TooManyAttempts, check_own_password

TEMPLATE = "dashboard/account.html"


def _counting_tries(
    view: Callable[[DashboardRequest], HttpResponse],
) -> Callable[[DashboardRequest], HttpResponse]:
    """Count each try at the password that the view asks for, and refuse too many."""

    @wraps(view)
    def wrapped(request: DashboardRequest) -> HttpResponse:
        try:
            check_own_password(request)
        except TooManyAttempts as refusal:
            return _too_many(request, refusal)
        return view(request)

    return wrapped


@staff_view({"GET": Role.VIEWER}, may_be_stored=False)
def account(request: DashboardRequest) -> HttpResponse:
    return render_page(request, TEMPLATE, _context(request), part="account")


@sensitive_post_parameters()
@staff_view({"POST": Role.VIEWER}, may_be_stored=False)
@_counting_tries
def account_email(request: DashboardRequest) -> HttpResponse:
    form = OwnEmailForm(request.user, request.POST)
    if not form.is_valid():
        return _refuse(request, email_form=form)
    form.save()
    messages.success(request, _("Your e-mail address is saved."))
    return go_to(request, "dashboard:account")


@sensitive_post_parameters()
@staff_view({"POST": Role.VIEWER}, may_be_stored=False)
@_counting_tries
def account_password(request: DashboardRequest) -> HttpResponse:
    form = OwnPasswordForm(request.user, request.POST)
    if not form.is_valid():
        return _refuse(request, password_form=form)
    # This session goes on; all others of this person end.
    update_session_auth_hash(request, form.save())
    messages.success(request, _("Your password is changed. You are signed out everywhere else."))
    return go_to(request, "dashboard:account")


def _context(request: DashboardRequest, **forms: Any) -> dict[str, Any]:
    return {
        "email_form": OwnEmailForm(request.user, initial={"email": request.user.email}),
        "password_form": OwnPasswordForm(request.user),
        **forms,
    }


def _refuse(request: DashboardRequest, **forms: Any) -> HttpResponse:
    return render_page(request, TEMPLATE, _context(request, **forms), part="account", status=422)


def _too_many(request: DashboardRequest, refusal: TooManyAttempts) -> HttpResponse:
    context = {**_context(request), "wait": refusal.seconds}
    response = render_page(request, TEMPLATE, context, part="account", status=429)
    response["Retry-After"] = str(refusal.seconds)
    return response
