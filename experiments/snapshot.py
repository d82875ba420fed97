"""The configuration as one immutable value in memory, so that a page needs no query for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from experiments import store
from experiments.bucketing import bucket_of, position_for
from experiments.conditions import Condition, condition_from
from experiments.goal_drafts import OWN_KIND
from experiments.lifecycle import Status
from experiments.models import Experiment, Goal, Toggle


@dataclass(frozen=True, slots=True)
class VariantView:
    id: str
    name: str
    content: Mapping[str, str] = field(hash=False)


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
    """All experiments and toggles at one version of the configuration.

    Experiments are in the order in which they were completed, then created, so that of two
    completed ones the later decides.
    """

    version: int
    experiments: Mapping[str, ExperimentView]
    toggles: Mapping[str, bool]

    @cached_property
    def running(self) -> tuple[ExperimentView, ...]:
        return tuple(e for e in self.experiments.values() if e.is_running)

    @cached_property
    def settled_content(self) -> Mapping[str, str]:
        """The content that completed experiments left behind, for every visitor."""
        content: dict[str, str] = {}
        for experiment in self.experiments.values():
            if experiment.winner is not None:
                content.update(experiment.winner.content)
        return MappingProxyType(content)

    def is_enabled(self, toggle: str) -> bool:
        """Return whether a toggle is on; one that doesn't exist is off."""
        return self.toggles.get(toggle, False)


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
        toggles=MappingProxyType(dict(Toggle.objects.values_list("key", "enabled"))),
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
        phase=experiment.phase,
        goals=tuple(_goal(g) for g in experiment.goals.all() if g.kind.startswith(OWN_KIND)),
    )


def _goal(goal: Goal) -> GoalView:
    return GoalView(
        kind=goal.kind,
        event_types=frozenset(goal.event_types),
        conditions=tuple(condition_from(kept) for kept in goal.conditions),
        value_key=goal.value_key,
        uncounted_before=None if goal.backfilled_at else goal.counted_since,
    )
