"""Reads of the audit log. One press of a button is one change, of one or several entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db.models import QuerySet

from experiments.models import AuditEntry
from experiments.models.audit import AuditedKind

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for; what is empty matches everything. Days are UTC's, both included."""

    experiment_id: UUID | None = None
    kind: str = ""
    actor_kind: str = ""
    actor_name: str = ""
    first: date | None = None
    last: date | None = None
    # Kinds that whoever asks may not see.
    hidden: tuple[str, ...] = ()

    def entries(self) -> QuerySet[AuditEntry]:
        """Return the entries that match, newest first."""
        found = AuditEntry.objects.order_by("-id")
        if self.experiment_id:
            found = found.filter(experiment_id=self.experiment_id)
        if self.kind:
            found = found.filter(object_type=self.kind)
        if self.hidden:
            found = found.exclude(object_type__in=self.hidden)
        if self.actor_kind:
            found = found.filter(actor_kind=self.actor_kind, actor_name=self.actor_name)
        if self.first:
            found = found.filter(at__gte=datetime.combine(self.first, time.min, UTC))
        if self.last:
            # To the microsecond, which is as finely as moments are kept.
            found = found.filter(at__lte=datetime.combine(self.last, time.max, UTC))
        return found


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Changes, newest first, each as its matching entries in the order in which they were made.

    `newer` and `older` are what to give as `after` and `before` for the pages beside this one; None
    where there is none.
    """

    changes: list[list[AuditEntry]]
    newer: int | None
    older: int | None


def page_of(
    wanted: AuditFilter,
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE_SIZE,
) -> AuditPage:
    """Return the newest changes, those next older than `before`, or those next newer than `after`.

    Two queries, whatever the page holds, and however far back it is.
    """
    ids = wanted.entries().values_list("change_id", flat=True).distinct()
    if after is not None:
        found = list(ids.filter(change_id__gt=after).order_by("change_id")[: size + 1])
        if len(found) > size:
            return AuditPage(_changes(wanted, found[:size]), newer=found[size - 1], older=found[0])
        # Less than a page is newer: that is the newest page.
    newest = ids.order_by("-change_id")
    is_newest = before is None
    found = list((newest if is_newest else newest.filter(change_id__lt=before))[: size + 1])
    shown = found[:size]
    return AuditPage(
        _changes(wanted, shown),
        newer=shown[0] if shown and not is_newest else None,
        older=shown[-1] if len(found) > size else None,
    )


def actors() -> list[tuple[str, str]]:
    """Return everybody who has changed something, as (kind, name), by name."""
    found = AuditEntry.objects.order_by("actor_kind", "actor_name")
    return list(found.values_list("actor_kind", "actor_name").distinct())


def last_changes(kind: AuditedKind, ids: Iterable[object]) -> dict[str, AuditEntry]:
    """Return {id: the last entry} of objects of one kind; those without an entry are left out."""
    found = AuditEntry.objects.filter(object_type=kind.value, object_id__in=[str(i) for i in ids])
    latest = found.order_by("object_id", "-id").distinct("object_id")
    return {entry.object_id: entry for entry in latest}


def _changes(wanted: AuditFilter, change_ids: Sequence[int]) -> list[list[AuditEntry]]:
    changes: dict[int, list[AuditEntry]] = {
        change_id: [] for change_id in sorted(change_ids, reverse=True)
    }
    for entry in wanted.entries().filter(change_id__in=change_ids).order_by("id"):
        changes[entry.change_id].append(entry)
    return list(changes.values())
