"""Writes to landing pages."""

from __future__ import annotations

from django.db import transaction

from experiments import store
from experiments.models import Page

HOME = {"slug": "home", "name": "Home"}


@transaction.atomic
def home_page() -> Page:
    """Return the page at `/`; an installation that has none, having been emptied, gets one."""
    page = Page.objects.filter(is_home=True).first()
    if page is None:
        # Two processes that both find none would each make one.
        store.lock_configuration()
        page, _made = Page.objects.get_or_create(is_home=True, defaults=HOME)
    return page
