"""Counts a page as shown, and what became of it in each running experiment."""

from __future__ import annotations

from landing.content import Shown, shown_in
from landing.visitors import Exclusion
from landing.visits import Visit
from metrics.page_counter import page_counter
from metrics.shown import Reason

_REASONS: dict[Exclusion, Reason] = {
    e: Reason(e.value) for e in Exclusion if e is not Exclusion.HEAD
}


def count_page(visit: Visit) -> None:
    """Count the page that answers this visit; it is now on its way.

    The total is raised by what runs, and the reasons by what the page carries. An answer to HEAD
    has no page in it, and is nowhere in the counts.
    """
    if visit.exclusion is Exclusion.HEAD:
        return
    page_counter.note(
        [experiment.id for experiment in visit.snapshot.running_on(visit.page)],
        [(choice.experiment_id, _reason(visit, choice)) for choice in shown_in(visit)],
    )


def _reason(visit: Visit, choice: Shown) -> Reason:
    if choice.is_tracked:
        return Reason.COUNTED
    return Reason.NOT_ENROLLED if visit.exclusion is None else _REASONS[visit.exclusion]
