"""What an invitation's link opens: a choice of user name and password, and the dashboard."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.forms.accounts import JoinForm
from dashboard.throttle import remember_browser
from experiments import invitations
from experiments.models import Invitation
from experiments.services import Refused

TEMPLATE = "dashboard/invitation.html"


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponseBase:
    """Show the form; or make the account, sign in and go on.

    The link stands in the query, which our logs don't keep. Opening it changes nothing, so that a
    program that looks at links in e-mails doesn't use it up.
    """
    link = request.GET.get("link", "")
    found = invitations.invitation_for(link)
    if found is None:
        return _gone(request)
    if request.user.is_authenticated:
        # Nobody should make a second account by mistake, nor lose the one that is signed in.
        return render(request, TEMPLATE, {"invitation": found, "other": request.user})
    if request.method == "POST":
        return _join(request, found, link)
    return _ask(request, found, JoinForm(initial={"email": found.email}))


def _join(request: HttpRequest, found: Invitation, link: str) -> HttpResponseBase:
    form = JoinForm(request.POST)
    try:
        person = form.join(link) if form.is_valid() else None
    except Refused:
        return _gone(request)
    if person is None:
        return _ask(request, found, form, status=422)
    login(request, person)
    welcome = _("Welcome, %(name)s. This is what runs at the moment.")
    messages.success(request, welcome % {"name": person})
    response = redirect("dashboard:home")
    remember_browser(response, person.get_username())
    return response


def _ask(
    request: HttpRequest, found: Invitation, form: JoinForm, *, status: int = 200
) -> HttpResponse:
    return render(request, TEMPLATE, {"invitation": found, "form": form}, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, TEMPLATE, {"sentence": _(invitations.GONE)}, status=410)
