"""One template a page, for the whole page and for the part of it that HTMX swaps."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event
from django_htmx.middleware import HtmxDetails


class DashboardRequest(HttpRequest):
    """What a view of the dashboard gets: a request of somebody who is signed in."""

    user: User
    htmx: HtmxDetails


def htmx_of(request: HttpRequest) -> HtmxDetails:
    return cast(DashboardRequest, request).htmx


def wants_part(request: HttpRequest) -> bool:
    """Return whether HTMX asks for a part; a restored history entry needs the whole page."""
    htmx = htmx_of(request)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: DashboardRequest,
    template: str,
    context: dict[str, Any],
    *,
    part: str,
    status: int = 200,
) -> HttpResponse:
    """Render a page, or its named part where HTMX asks. Both are the same lines of one template."""
    name = f"{template}#{part}" if wants_part(request) else template
    return render(request, name, context, status=status)


def go_to(request: DashboardRequest, to: Any, *args: Any) -> HttpResponse:
    """Send the browser to another page after a write."""
    url = resolve_url(to, *args)
    return HttpResponseClientRedirect(url) if wants_part(request) else redirect(url)


def page_before(request: HttpRequest) -> str:
    """Return the page that a form without a page of its own was sent from, as it says by `next`."""
    page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if is_ours else resolve_url("dashboard:home")


def send_messages(request: DashboardRequest, response: HttpResponseBase) -> None:
    """Give HTMX the messages along with a part; otherwise the next whole page shows them."""
    leaves = "HX-Redirect" in response.headers or "HX-Refresh" in response.headers
    if not wants_part(request) or leaves or not isinstance(response, HttpResponse):
        return
    waiting = [
        {"text": str(message), "tags": message.tags} for message in messages.get_messages(request)
    ]
    if waiting:
        trigger_client_event(response, "plainsplit:messages", {"messages": waiting})
