"""Results of a phase by device, source or day: for exploring, never for deciding.

Read on demand: nothing is kept for it, and a visitor's event costs nothing more. The device and
the source are those of the visitor's first page view, as the server judged them when it rendered
the page (landing.arrivals); the browser only carried them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from experiments import store
from experiments.statements import run
from metrics.counts import pruned_months_of
from metrics.sql import statement
from metrics.stats.types import Arm

# How long a reader waits, at most, and for how long an answer is good for others.
SECONDS = 8
CACHE_SECONDS = 60
# Sources that are told apart.
MOST_SOURCES = 8
# More days than any phase has.
_ALL = 1_000_000
_NOBODY = Arm(0, 0)
_TOO_MUCH = "too much"


class Dimension(StrEnum):
    DEVICE = "device"
    SOURCE = "source"
    # Of the visitor's first exposure, in UTC.
    DAY = "day"


_DEVICES = ("phone", "tablet", "desktop")


class TooMuch(Exception):
    """There are more raw events than can be read while somebody waits; says so in a sentence."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This breakdown took longer than %(seconds)s seconds and was stopped: there are "
                "more raw events than can be read while you wait."
            )
            % {"seconds": SECONDS}
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """Visitors who have something in common: the Arm of each variant, by variant id.

    `name` is empty for the two that aren't named: the sources beyond the largest, together, and
    the visitors of whom no first page view is kept that says anything of this.
    """

    name: str
    is_other: bool
    is_unknown: bool
    arms: Mapping[UUID, Arm]

    def arm(self, variant_id: UUID) -> Arm:
        return self.arms.get(variant_id, _NOBODY)

    @property
    def visitors(self) -> int:
        return sum(arm.visitors for arm in self.arms.values())


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A phase's results by segment; over all segments they sum to the phase's.

    Devices in one order, sources by size, days by date; then other, then unknown. `known` of the
    `visitors` aren't in the last. `pruned` are the months of the phase whose raw events are gone.
    """

    dimension: Dimension
    segments: tuple[Segment, ...]
    visitors: int
    known: int
    pruned: tuple[date, ...]
    taken_at: datetime


def breakdown_for(experiment_id: UUID, *, phase: int, kind: str, dimension: Dimension) -> Breakdown:
    """Return a phase's visitors by segment, and how many reached the goal that `kind` counts.

    Kept for a minute. Raises TooMuch, and other database errors.
    """
    key = f"segments:{experiment_id}:{phase}:{kind}:{dimension}"
    held = cache.get(key)
    if held is None:
        try:
            held = _read(experiment_id, phase, kind, dimension)
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            held = _TOO_MUCH
        cache.set(key, held, CACHE_SECONDS)
    if held == _TOO_MUCH:
        raise TooMuch
    breakdown: Breakdown = held
    return breakdown


def _read(experiment_id: UUID, phase: int, kind: str, dimension: Dimension) -> Breakdown:
    with store.reading_whole_tables():
        run(statement("on_demand"), {"milliseconds": f"{SECONDS * 1000:.0f}"})
        rows = run(
            statement("segments"),
            {
                "experiment": str(experiment_id),
                "phase": phase,
                "kind": kind,
                "dimension": dimension.value,
                "most": MOST_SOURCES if dimension is Dimension.SOURCE else _ALL,
            },
        )
    segments = sorted(_segments(rows), key=lambda segment: _order(dimension, segment))
    return Breakdown(
        dimension,
        tuple(segments),
        visitors=sum(segment.visitors for segment in segments),
        known=sum(segment.visitors for segment in segments if not segment.is_unknown),
        # Asked last: that a month is to be pruned is written down before its events go.
        pruned=()
        if dimension is Dimension.DAY
        else tuple(pruned_months_of(experiment_id, phase=phase)),
        taken_at=timezone.now(),
    )


def _segments(rows: Iterable[tuple[Any, ...]]) -> list[Segment]:
    """Return the segments of the statement's rows: variant, place, name, visitors, conversions."""
    arms: dict[int | None, dict[UUID, Arm]] = defaultdict(dict)
    names: dict[int | None, str] = {}
    for variant_id, place, name, visitors, conversions in rows:
        arms[place][variant_id] = Arm(visitors, conversions)
        names[place] = name or ""
    return [
        Segment(
            names[place],
            is_other=place is not None and not names[place],
            is_unknown=place is None,
            arms=arms[place],
        )
        for place in arms
    ]


def _order(dimension: Dimension, segment: Segment) -> tuple[bool, bool, int, str]:
    """Return what a dimension's segments are sorted by."""
    order = 0
    if dimension is Dimension.SOURCE:
        order = -segment.visitors
    elif dimension is Dimension.DEVICE and segment.name:
        order = _DEVICES.index(segment.name)
    return segment.is_unknown, segment.is_other, order, segment.name
