"""Previews: in a frame of the dashboard for its staff, and by a signed link for anybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from csp.utils import build_policy
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiments import content_sections, roles
from experiments import previews as links
from experiments.answers import clean_uuid
from experiments.content import KEYS
from experiments.keeper import keeper
from experiments.models import Page, Variant
from experiments.pages import home_page
from experiments.snapshot import PageView, page_view
from landing import previews
from landing.forms import SignUpForm
from landing.pages import EMPTY_FORM, SignUp
from landing.previews import Layer
from metrics.page_counter import page_counter
from metrics.shown import Reason

P = ParamSpec("P")


def for_staff(
    view: Callable[Concatenate[HttpRequest, P], str],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a page stand in a frame of the dashboard, for whoever may look at it."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        may_look = roles.can_view(request.user)
        page = view(request, *args, **kwargs) if may_look else _page_of("preview_refused")
        response = HttpResponse(page, status=200 if may_look else 403)
        response["X-Frame-Options"] = "SAMEORIGIN"
        response["Content-Security-Policy"] = _framing_policy()
        response["Cache-Control"] = "private, no-store"
        return response

    return wrapped


@require_safe
@for_staff
def page(_request: HttpRequest, page_id: UUID) -> str:
    """Show a page as visitors without variants see it."""
    found = page_view(get_object_or_404(Page, pk=page_id))
    return previews.framed(found, found.content, layer=Layer.PAGE)


@require_safe
@for_staff
def variant(_request: HttpRequest, variant_id: UUID) -> str:
    """Show a saved variant."""
    found = _variant(variant_id)
    if found is None:
        raise Http404
    owner = found.experiment
    return previews.framed(
        page_view(owner.page), found.content, layer=Layer.VARIANT, experiment_id=owner.id
    )


@require_POST
@for_staff
def content(request: HttpRequest) -> str:
    """Show a page with the content that was sent, saved or not."""
    # The address goes first: a form may have a field of its own by one of these names.
    asked = {**request.POST.dict(), **request.GET.dict()}
    saved = _variant(clean_uuid(asked.get("variant")))
    return previews.framed(
        _page_named(asked.get("page", "")),
        _content_in(request.POST, asked.get("prefix", "")),
        layer=Layer.PAGE if asked.get("layer") == Layer.PAGE else Layer.VARIANT,
        experiment_id=saved.experiment_id if saved else None,
    )


@csrf_exempt  # it stores nothing
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a variant to whoever has the link; nothing that they do is counted or kept."""
    try:
        opens = links.read_token(token)
    except links.NotOurs:
        return _refused("preview_unknown", 404)
    found = None if opens.has_ended else _variant(opens.variant_id)
    if found is None:
        return _refused("preview_ended", 410)
    state = _tried(request) if request.method == "POST" else EMPTY_FORM
    shown = previews.opened(found, opens.until, f"{request.path}#sign-up", state)
    if request.method != "HEAD":
        _note(str(found.experiment_id))
    response = HttpResponse(shown, status=422 if state.field_error else 200)
    response["X-Uncounted"] = Reason.PREVIEW.value
    return _kept_out(response)


def _tried(request: HttpRequest) -> SignUp:
    """Return the state that the form would be in, without taking the address down."""
    form = SignUpForm(request.POST)
    if form.is_valid():
        return SignUp(is_done=True)
    return SignUp(form.typed(), form.field_error(), error_key=form.error_key())


def _note(experiment_id: str) -> None:
    """Count the page among those that count for nothing, so that the sum of all still adds up."""
    if any(running.id == experiment_id for running in keeper.current().running):
        page_counter.note([experiment_id], [(experiment_id, Reason.PREVIEW)])


def _variant(variant_id: UUID | str | None) -> Variant | None:
    if variant_id is None:
        return None
    return Variant.objects.select_related("experiment__page").filter(pk=variant_id).first()


def _page_named(name: str) -> PageView:
    """Return a page by its slug or id, the one at `/` where there is none."""
    page_id = clean_uuid(name)
    found = Page.objects.filter(pk=page_id) if page_id else Page.objects.filter(slug=name)
    return page_view(found.first() or home_page())


def _content_in(sent: QueryDict, form: str) -> Mapping[str, str]:
    """Return the texts that were sent: as JSON, or as the fields of the form of that prefix."""
    if "content" in sent:
        try:
            given: Any = json.loads(sent.get("content", ""))
        except ValueError:
            given = None
        pairs = given.items() if isinstance(given, dict) else ()
        return {key: text for key, text in pairs if isinstance(text, str) and text}
    prefix = f"{form}content_"
    typed = {key: (sent.get(prefix + key) or "").strip() for key in KEYS}
    arranged = content_sections.arranged(sent, prefix + content_sections.KEY)
    if arranged is not None:
        typed[content_sections.KEY] = arranged
    return {key: text for key, text in typed.items() if text}


def _page_of(name: str) -> str:
    return str(render_to_string(f"landing/{name}.html"))


def _refused(name: str, status: int) -> HttpResponse:
    return _kept_out(HttpResponse(_page_of(name), status=status))


def _kept_out(response: HttpResponse) -> HttpResponse:
    """Keep a link's page out of stores and of search engines."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@cache
def _framing_policy() -> str:
    """Return the site's policy, except that its own pages may frame the answer."""
    policy = build_policy(replace={"frame-ancestors": ["'self'"]})
    return "; ".join(sorted(policy.split("; ")))
