"""The types of event that a browser may report: what goals are made of."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy


class EventType(TextChoices):
    PAGE_VIEW = "page_view", gettext_lazy("Page views")
    CLICK = "click", gettext_lazy("Clicks")
    FORM_SUBMIT = "form_submit", gettext_lazy("Sign-ups")
    CTA_CLICK = "cta_click", gettext_lazy("CTA clicks")
    SCROLL_DEPTH = "scroll_depth", gettext_lazy("Scroll depths")
