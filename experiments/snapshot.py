"""The configuration as one immutable value in memory, so that a page needs no query for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.utils import timezone

from experiments import store
from experiments.bucketing import bucket_of, position_for
from experiments.conditions import Condition, condition_from
from experiments.goal_drafts import OWN_KIND
from experiments.lifecycle import Status
from experiments.models import Experiment, Goal, Page, Toggle
from experiments.rollout import ToggleView


@dataclass(frozen=True, slots=True)
class VariantView:
    id: str
    name: str
    content: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class PageView:
    """A landing page; `path` is where visitors find it."""

    id: str
    path: str
    name: str
    content: Mapping[str, str] = field(default_factory=dict, hash=False)
    slug: str = ""


# The page at `/` of a process that has never reached its database, or whose database has none.
PLAIN_HOME = PageView(id="", path="/", name="Home")


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal that is counted under a kind of its own, as the counting asks for it."""

    kind: str
    event_types: frozenset[str]
    conditions: tuple[Condition, ...]
    # Of a sum: the metadata key whose number is added up.
    value_key: str = ""
    # Set while events of before are still to be counted from the raw ones.
    uncounted_before: datetime | None = None

    @property
    def asks_for_metadata(self) -> bool:
        return bool(self.conditions or self.value_key)


@dataclass(frozen=True)
class ExperimentView:
    """An experiment as visitors meet it. Variants are in order; the first one is the control."""

    id: str
    status: str
    variants: tuple[VariantView, ...]
    traffic_split: tuple[int, ...]
    winner_id: str | None = None
    page_id: str = ""
    # The number of the phase under way, or of the last one.
    phase: int = 1
    # Without those that what is counted for every experiment serves as well.
    goals: tuple[GoalView, ...] = field(default=(), hash=False)

    @property
    def enrols(self) -> bool:
        return self.status == Status.ACTIVE and bool(self.variants)

    @property
    def is_running(self) -> bool:
        return self.status in (Status.ACTIVE, Status.PAUSED)

    @cached_property
    def variants_by_id(self) -> Mapping[str, VariantView]:
        return {variant.id: variant for variant in self.variants}

    @cached_property
    def goals_by_type(self) -> Mapping[str, tuple[GoalView, ...]]:
        """The goals that an event of a type may reach; empty where none is counted apart."""
        types = {event_type for goal in self.goals for event_type in goal.event_types}
        return {t: tuple(goal for goal in self.goals if t in goal.event_types) for t in types}

    @property
    def winner(self) -> VariantView | None:
        """What a completed experiment shows to everybody: its winner, the control if none."""
        if self.status != Status.COMPLETED or not self.variants:
            return None
        return self.variants_by_id[self.winner_id] if self.winner_id else self.variants[0]

    def variant_for(self, visitor_id: str) -> VariantView:
        """Return the variant that the visitor's bucket selects today."""
        return self.variants[position_for(bucket_of(visitor_id, self.id), self.traffic_split)]


@dataclass(frozen=True)
class Snapshot:
    """All experiments, pages and toggles at one version of the configuration.

    Experiments are in the order in which they were completed, then created, so that of two
    completed ones the later decides. Pages are by path.
    """

    version: int
    experiments: Mapping[str, ExperimentView]
    toggles: Mapping[str, ToggleView]
    pages: Mapping[str, PageView] = field(default_factory=dict)

    @property
    def home(self) -> PageView:
        return self.pages.get("/", PLAIN_HOME)

    @cached_property
    def running(self) -> tuple[ExperimentView, ...]:
        """Those that run, on whatever page."""
        return tuple(e for e in self.experiments.values() if e.is_running)

    @cached_property
    def _running_by_page(self) -> Mapping[str, tuple[ExperimentView, ...]]:
        pages = {e.page_id for e in self.running}
        return {page: tuple(e for e in self.running if e.page_id == page) for page in pages}

    def running_on(self, page: PageView) -> tuple[ExperimentView, ...]:
        return self._running_by_page.get(page.id, ())

    @cached_property
    def _settled_by_page(self) -> Mapping[str, Mapping[str, str]]:
        settled: dict[str, dict[str, str]] = {}
        for experiment in self.experiments.values():
            if experiment.winner is not None:
                settled.setdefault(experiment.page_id, {}).update(experiment.winner.content)
        return settled

    def settled_content(self, page: PageView) -> Mapping[str, str]:
        """The content that completed experiments left behind on a page, for every visitor."""
        return MappingProxyType(self._settled_by_page.get(page.id, {}))

    def is_enabled(self, toggle: str, visitor_id: str | None = None) -> bool:
        """Return whether a toggle is on now for a visitor; one that doesn't exist is off."""
        return toggle in self.enabled_for(visitor_id)

    def enabled_for(self, visitor_id: str | None = None) -> frozenset[str]:
        """Return the keys of the toggles that are on now for a visitor.

        Where none is for some visitors only, or for a time, nothing is looked at anew.
        """
        if not self._wavering:
            return self._steadily_on
        now = timezone.now()
        return self._steadily_on.union(
            key for key, view in self._wavering.items() if view.is_on_for(visitor_id, now)
        )

    @cached_property
    def _wavering(self) -> Mapping[str, ToggleView]:
        return {k: t for k, t in self.toggles.items() if t.is_for_some or t.is_scheduled}

    @cached_property
    def _steadily_on(self) -> frozenset[str]:
        return frozenset(
            key
            for key, view in self.toggles.items()
            if key not in self._wavering and view.enabled and view.rollout
        )


# What a process shows that has never reached its database: the plain control.
EMPTY = Snapshot(version=-1, experiments={}, toggles={})


def load() -> Snapshot:
    """Read the configuration. Raises Django's database errors.

    The version is read first: if a change slips in between, the snapshot is newer than it says and
    will merely be read once more.
    """
    version = store.config_version()
    experiments = (
        Experiment.objects.with_variants()
        .with_goals()
        .with_phase()
        .order_by("completed_at", "created_at", "id")
    )
    return Snapshot(
        version=version,
        experiments=MappingProxyType({str(e.id): _view(e) for e in experiments}),
        toggles=MappingProxyType({t.key: t.view for t in Toggle.objects.all()}),
        pages=MappingProxyType({p.path: page_view(p) for p in Page.objects.all()}),
    )


def _view(experiment: Any) -> ExperimentView:
    variants: list[Any] = list(experiment.variants.all())
    return ExperimentView(
        id=str(experiment.id),
        status=experiment.status,
        variants=tuple(
            VariantView(id=str(v.id), name=v.name, content=MappingProxyType(v.content))
            for v in variants
        ),
        traffic_split=tuple(v.weight for v in variants),
        winner_id=str(experiment.winner_id) if experiment.winner_id else None,
        page_id=str(experiment.page_id),
        phase=experiment.phase,
        goals=tuple(_goal(g) for g in experiment.goals.all() if g.kind.startswith(OWN_KIND)),
    )


def page_view(page: Page) -> PageView:
    return PageView(
        id=str(page.id),
        path=page.path,
        name=page.name,
        content=MappingProxyType(page.content),
        slug=page.slug,
    )


def _goal(goal: Goal) -> GoalView:
    return GoalView(
        kind=goal.kind,
        event_types=frozenset(goal.event_types),
        conditions=tuple(condition_from(kept) for kept in goal.conditions),
        value_key=goal.value_key,
        uncounted_before=None if goal.backfilled_at else goal.counted_since,
    )
