"""Addresses left in the sign-up form: kept once each, and given out to staff alone."""

from __future__ import annotations

from django.db.models import QuerySet

from metrics.models import Lead


def add_lead(*, email: str) -> None:
    """Keep an address; one that is there already, in whatever case, stays as it is.

    One statement, so that two sign-ups at once can't both be the first. Says nothing of whether
    the address was new: no caller should be able to tell its visitor. Raises database errors.
    """
    Lead.objects.bulk_create([Lead(email=email)], ignore_conflicts=True)


def leads_newest_first() -> QuerySet[Lead]:
    """All leads, for lists and for export (there with `.iterator()`)."""
    return Lead.objects.order_by("-created_at", "-id")
