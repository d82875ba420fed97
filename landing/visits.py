"""Which variants does this page load show, and which of them does it report events for?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import Error
from django.http import HttpRequest

from experiments.assignment import Wish, shared_commits
from experiments.keeper import keeper
from experiments.snapshot import EMPTY, ExperimentView, PageView, Snapshot, VariantView
from landing import cookies, visitors
from landing.visitors import Exclusion, Visitor


class NoSuchPage(LookupError):
    """No landing page has this address; or nobody can tell, where `is_known` is false."""

    def __init__(self, slug: str, *, is_known: bool) -> None:
        super().__init__(slug)
        self.is_known = is_known


@dataclass(frozen=True, slots=True)
class Visit:
    """One page load: the configuration it shows, by whom, with which variants.

    `variants` are the visitor's own, by experiment id; where there is none the control is shown.
    `remember` is what the assignments cookie must say anew, None where it says it already.
    """

    snapshot: Snapshot
    page: PageView
    exclusion: Exclusion | None = None
    visitor: Visitor | None = None
    variants: Mapping[str, VariantView] = field(default_factory=dict)
    remember: cookies.Remembered | None = None

    @property
    def is_tracked(self) -> bool:
        return self.exclusion is None and bool(self.variants)


def receive(request: HttpRequest, slug: str = "") -> Visit:
    """Find out who asks, and enrol them where they lack a variant. Never raises for the database.

    Without a `slug` it is the page at `/`. Raises NoSuchPage. A visitor whose cookie covers every
    experiment that runs on the page costs no query.
    """
    snapshot = keeper.current()
    page = page_at(snapshot, slug) if slug else snapshot.home
    exclusion = visitors.exclusion_of(request)
    if exclusion is not None:
        return Visit(snapshot, page, exclusion)
    visitor = visitors.identify(request)
    remembered = cookies.assignments_of(request, visitor.id)
    variants = {}
    unknown = []
    for experiment in snapshot.running_on(page):
        variant = _remembered_variant(experiment, remembered)
        if variant is not None:
            variants[experiment.id] = variant
        elif experiment.enrols or experiment.id not in remembered:
            unknown.append(experiment.id)
    if not keeper.is_database_well:
        return Visit(snapshot, page, Exclusion.DATABASE_DOWN, visitor, variants)
    if not unknown:
        return Visit(snapshot, page, None, visitor, variants)
    try:
        outcomes = shared_commits.assign(
            [Wish(visitor.id, experiment_id) for experiment_id in unknown]
        )
    except Error as error:
        keeper.note_failure(error)
        return Visit(snapshot, page, Exclusion.DATABASE_DOWN, visitor, variants)
    learnt: dict[str, str | None] = {}
    for experiment_id, outcome in zip(unknown, outcomes, strict=True):
        # Who was refused is remembered too: a paused experiment isn't asked at every page load.
        learnt[experiment_id] = None
        if isinstance(outcome, VariantView):
            learnt[experiment_id] = outcome.id
            variants[experiment_id] = outcome
    # What is left of a cookie's room after this page's own is for the other pages'.
    running = sorted(snapshot.running, key=lambda experiment: experiment.page_id != page.id)
    known = {**remembered, **learnt}
    remember = {e.id: known[e.id] for e in running if e.id in known}
    return Visit(snapshot, page, None, visitor, variants, remember)


def page_at(snapshot: Snapshot, slug: str) -> PageView:
    """Return the page of that slug; also the one at `/`. Raises NoSuchPage."""
    page = snapshot.pages.get(f"/{slug}/")
    if page is None and slug == snapshot.home.slug:
        return snapshot.home
    if page is None:
        raise NoSuchPage(slug, is_known=snapshot is not EMPTY)
    return page


def _remembered_variant(
    experiment: ExperimentView, remembered: cookies.Remembered
) -> VariantView | None:
    variant_id = remembered.get(experiment.id)
    return experiment.variants_by_id.get(variant_id) if variant_id else None
