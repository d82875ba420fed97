"""API tokens: listed, made (and shown once), revoked."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from dashboard.access import Role, staff_view
from dashboard.forms.people import TokenForm
from dashboard.pages import DashboardRequest, go_to, render_page
from experiments import selectors, tokens

TEMPLATE = "dashboard/token_list.html"


@staff_view({"GET": Role.EDITOR}, may_be_stored=False)
def token_list(request: DashboardRequest) -> HttpResponse:
    return _show(request, TokenForm())


@staff_view({"POST": Role.EDITOR}, may_be_stored=False)
def token_create(request: DashboardRequest) -> HttpResponse:
    """Answer with the token itself: a redirect would have to keep it somewhere until then."""
    form = TokenForm(request.POST)
    if form.is_valid() and (text := form.save(request.user)):
        return _show(request, TokenForm(), text=text, status=201)
    return _show(request, form, status=422)


@staff_view({"POST": Role.EDITOR}, may_be_stored=False)
def token_revoke(request: DashboardRequest, token_id: UUID) -> HttpResponse:
    token = tokens.revoke_token(token_id=token_id)
    told = _("The token “%(name)s” is revoked and no longer works.")
    messages.success(request, told % {"name": token.name})
    return go_to(request, "dashboard:token-list")


def _show(
    request: DashboardRequest, form: TokenForm, *, text: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "tokens": selectors.valid_tokens(), "text": text}
    return render_page(request, TEMPLATE, context, part="tokens", status=status)
