"""Pruning the first of two months, and what must be the same before and after."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.core.management import call_command
from django.utils import timezone

from metrics.models import DailyCount, FirstOccurrence

OLD, NEXT = date(2026, 1, 1), date(2026, 2, 1)


def prune(older_than: date = NEXT) -> None:
    """Prune what ended by this day."""
    days = (timezone.now() - datetime(older_than.year, older_than.month, 1, tzinfo=UTC)).days
    call_command("prune_events", "--older-than", f"{days}d")


def results() -> tuple[list[object], ...]:
    """Return every count and first occurrence, as rows."""
    return tuple(
        list(model.objects.order_by("pk").values()) for model in (DailyCount, FirstOccurrence)
    )
