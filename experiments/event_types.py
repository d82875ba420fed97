"""The types of event that a browser may report: what goals are made of."""

from __future__ import annotations

from django.db.models import TextChoices


class EventType(TextChoices):
    PAGE_VIEW = "page_view", "Page views"
    CLICK = "click", "Clicks"
    FORM_SUBMIT = "form_submit", "Sign-ups"
    CTA_CLICK = "cta_click", "CTA clicks"
    SCROLL_DEPTH = "scroll_depth", "Scroll depths"
