"""Which variants does this page load show, and which of them does it report events for?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import Error
from django.http import HttpRequest

from experiments.assignment import Wish, shared_commits
from experiments.keeper import keeper
from experiments.snapshot import ExperimentView, PageView, Snapshot, VariantView
from landing import cookies, visitors
from landing.visitors import Exclusion, Visitor


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


def receive(request: HttpRequest, page: PageView | None = None) -> Visit:
    """Find out who asks, and enrol them where they lack a variant. Never raises for the database.

    Without a `page` it is the one at `/`.

    A visitor whose cookie covers every experiment that runs on it costs no query.
    """
    snapshot = keeper.current()
    page = page or snapshot.home
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
    remember = {e.id: remembered[e.id] for e in snapshot.running if e.id in remembered}
    for experiment_id, outcome in zip(unknown, outcomes, strict=True):
        # Who was refused is remembered too: a paused experiment isn't asked at every page load.
        remember[experiment_id] = None
        if isinstance(outcome, VariantView):
            remember[experiment_id] = outcome.id
            variants[experiment_id] = outcome
    return Visit(snapshot, page, None, visitor, variants, remember)


def _remembered_variant(
    experiment: ExperimentView, remembered: cookies.Remembered
) -> VariantView | None:
    variant_id = remembered.get(experiment.id)
    return experiment.variants_by_id.get(variant_id) if variant_id else None
