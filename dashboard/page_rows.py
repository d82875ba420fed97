"""Landing pages as their list shows them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from dashboard.history.changes import LastChange, last_changes
from experiments.lifecycle import Status
from experiments.models import Experiment, Page
from experiments.models.audit import AuditedKind


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page, what runs there, how much of it is its own, and who changed it last."""

    page: Page
    running: list[Experiment]
    at_rest: int
    last: LastChange | None

    @property
    def own_texts(self) -> int:
        return len(self.page.content)

    @property
    def may_go(self) -> bool:
        """Whether it can be deleted: neither at `/` nor what an experiment is about."""
        return not (self.page.is_home or self.running or self.at_rest)


def page_rows() -> list[PageRow]:
    """Return all pages, the one at `/` first; the same number of queries for any number."""
    pages = list(Page.objects.all())
    last = last_changes(AuditedKind.PAGE, [page.id for page in pages])
    experiments = list(_experiments())
    return [
        _row(page, [e for e in experiments if e.page_id == page.id], last.get(str(page.id)))
        for page in pages
    ]


def page_row(page: Page) -> PageRow:
    """Return one page's row, without who changed it."""
    return _row(page, list(_experiments().filter(page=page)), None)


def _experiments() -> QuerySet[Experiment]:
    return Experiment.objects.order_by("name", "id").only("id", "name", "status", "page_id")


def _row(page: Page, experiments: list[Experiment], last: LastChange | None) -> PageRow:
    running = [e for e in experiments if e.status in (Status.ACTIVE, Status.PAUSED)]
    return PageRow(page, running, len(experiments) - len(running), last)
