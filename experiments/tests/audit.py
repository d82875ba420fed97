"""What tests ask of the audit log, which no test can empty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Max

from experiments.models import AuditEntry


@contextmanager
def entries_since() -> Iterator[list[AuditEntry]]:
    """Give a list that holds, after the block, what the block has left in the log."""
    last = AuditEntry.objects.aggregate(last=Max("id"))["last"] or 0
    found: list[AuditEntry] = []
    yield found
    found.extend(AuditEntry.objects.filter(id__gt=last).order_by("id"))


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("id")


def new_change() -> None:
    """Let what follows be another change, as if the test's transaction were two."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('plainsplit.change', '', true)")
