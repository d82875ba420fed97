"""What a template may ask of the person who reads it."""

from __future__ import annotations

from django import template

from experiments import roles

register = template.Library()


@register.filter
def can_edit(user: roles.AnyUser) -> bool:
    """{% if user|can_edit %}: whether to offer what only editors may do."""
    return roles.can_edit(user)
