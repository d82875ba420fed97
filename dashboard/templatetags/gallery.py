"""{% specimen "button" %}…{% endspecimen %}: a component in its states, and its documentation."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.gallery import about

register = template.Library()


@register.simple_block_tag
def specimen(content: SafeString, name: str) -> SafeString:
    """Put the examples under the component's name, above what it says about its arguments."""
    return format_html(
        '<section class="card stack specimen" id="{name}" aria-labelledby="{name}-title">'
        '<h2 id="{name}-title">{name}</h2>{content}<p class="help">{about}</p></section>',
        name=name,
        content=content,
        about=about(name),
    )
