"""What the frame around every page of the dashboard needs."""

from __future__ import annotations

from django import template
from django.template import Context

from dashboard.navigation import Link, navigation_for
from dashboard.theme import Theme, theme_of

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[list[Link]]:
    """{% navigation as groups %}: where this reader may go from here."""
    request = context["request"]
    match = request.resolver_match
    here = match.url_name if match and match.namespace == "dashboard" else ""
    return navigation_for(request.user, here or "")


@register.simple_tag(takes_context=True)
def theme(context: Context) -> Theme:
    """{% theme as chosen %}: what this browser's reader chose."""
    return theme_of(context["request"])
