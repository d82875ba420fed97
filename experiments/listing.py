"""The list of experiments as somebody wants it: searched, filtered, sorted, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from experiments.lifecycle import Status
from experiments.models import Experiment
from experiments.querysets import ExperimentQuerySet

ON_A_PAGE = 20
ARCHIVED = "archived"


class Sort(TextChoices):
    NEWEST = "newest", _("Newest first")
    STARTED = "started", _("Last started first")
    CHANGED = "changed", _("Last changed first")
    NAME = "name", _("By name")


_ORDERS = {
    Sort.NEWEST: (F("created_at").desc(), F("id").desc()),
    Sort.STARTED: (F("started_at").desc(nulls_last=True), F("id").desc()),
    Sort.CHANGED: (F("updated_at").desc(), F("id").desc()),
    Sort.NAME: (F("name").asc(), F("id").asc()),
}


@dataclass(frozen=True, slots=True)
class ListFilter:
    """What is wanted. `status` may be “archived”; without one, all that isn't. `page` is a slug."""

    text: str = ""
    status: str = ""
    page: str = ""
    sort: Sort = Sort.NEWEST

    @property
    def is_set(self) -> bool:
        return bool(self.text or self.status or self.page)


@dataclass(frozen=True, slots=True)
class Portion:
    """A page of the list: what is on it, its number, of how many, and how much was found in all."""

    experiments: tuple[Experiment, ...]
    number: int
    last: int
    found: int

    @property
    def before(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.number < self.last else None


def portion_of(wanted: ListFilter, number: int = 1) -> Portion:
    """Return a page of what is wanted, the last if asked for too far; in as many queries always."""
    found = _found(wanted)
    total = found.count()
    last = max(1, -(-total // ON_A_PAGE))
    number = min(max(number, 1), last)
    start = (number - 1) * ON_A_PAGE
    shown = (
        found.with_variants()
        .select_related("page")
        .order_by(*_ORDERS[wanted.sort])[start : start + ON_A_PAGE]
    )
    return Portion(tuple(shown), number, last, total)


def _found(wanted: ListFilter) -> ExperimentQuerySet:
    found = Experiment.objects.filter(archived_at__isnull=wanted.status != ARCHIVED)
    if wanted.status in Status.values:
        found = found.filter(status=wanted.status)
    if wanted.page:
        found = found.filter(page__slug=wanted.page)
    for word in wanted.text.split():
        found = found.filter(
            Q(name__icontains=word) | Q(hypothesis__icontains=word) | Q(description__icontains=word)
        )
    return found
