"""People: listed, invited, given roles, deactivated. Refusals are told on the list."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard import mailing
from dashboard.access import Role, staff_view
from dashboard.forms.staff import UNKNOWN_ROLE, InvitationForm, RoleForm
from dashboard.pages import DashboardRequest, go_to, render_page
from dashboard.roster import roster_for
from experiments import invitations, people
from experiments.roles import StaffRole
from experiments.services import Refused

TEMPLATE = "dashboard/person_list.html"
BECAME = {
    StaffRole.VIEWER: gettext_noop("%(name)s is a viewer now."),
    StaffRole.EDITOR: gettext_noop("%(name)s is an editor now."),
}


@staff_view({"GET": Role.EDITOR}, may_be_stored=False)
def person_list(request: DashboardRequest) -> HttpResponse:
    return _show(request, InvitationForm())


@staff_view({"POST": Role.EDITOR}, may_be_stored=False)
def invitation_create(request: DashboardRequest) -> HttpResponse:
    """Answer with the link itself: a redirect would have to keep it somewhere until then."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    invitation, text = invitations.invite_person(by=request.user, **form.cleaned_data)
    page = request.build_absolute_uri(reverse("dashboard:invitation"))
    link = f"{page}?{urlencode({'link': text})}"
    is_sent = bool(invitation.email and settings.SENDS_EMAIL) and mailing.send_invitation(
        invitation=invitation, link=link
    )
    made = {"invitation": invitation, "link": link, "is_sent": is_sent}
    return _show(request, InvitationForm(), made=made, status=201)


@staff_view({"POST": Role.EDITOR})
def invitation_withdraw(request: DashboardRequest, invitation_id: UUID) -> HttpResponse:
    invitations.withdraw_invitation(invitation_id=invitation_id)
    messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return go_to(request, "dashboard:person-list")


@staff_view({"POST": Role.EDITOR})
def person_role(request: DashboardRequest, person_id: int) -> HttpResponse:
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(UNKNOWN_ROLE))
        return go_to(request, "dashboard:person-list")
    role = form.cleaned_data["role"]
    return _change(
        request,
        lambda: people.change_role(person_id=person_id, role=role, by=request.user),
        _(BECAME[role]),
    )


@staff_view({"POST": Role.EDITOR})
def person_deactivate(request: DashboardRequest, person_id: int) -> HttpResponse:
    return _change(
        request,
        lambda: people.deactivate_person(person_id=person_id, by=request.user),
        _("%(name)s is deactivated, and signed out everywhere."),
    )


@staff_view({"POST": Role.EDITOR})
def person_reactivate(request: DashboardRequest, person_id: int) -> HttpResponse:
    return _change(
        request,
        lambda: people.reactivate_person(person_id=person_id, by=request.user),
        _("%(name)s may sign in again."),
    )


def _change(request: DashboardRequest, change: Callable[[], User], done: str) -> HttpResponse:
    """Make a change, and say on the list that it is made, or why it isn't."""
    try:
        messages.success(request, done % {"name": change()})
    except Refused as refused:
        messages.error(request, str(refused))
    return go_to(request, "dashboard:person-list")


def _show(
    request: DashboardRequest,
    form: InvitationForm,
    *,
    made: dict[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "made": made,
        "rows": roster_for(request.user),
        "invitations": invitations.open_invitations(),
        "sends_email": settings.SENDS_EMAIL,
    }
    return render_page(request, TEMPLATE, context, part="people", status=status)
