"""Simulated visitors, sent through the product's own assignment and ingest."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from experiments.assignment import Wish, assign
from experiments.event_types import EventType
from experiments.models import Experiment
from experiments.snapshot import VariantView
from metrics import partitions
from metrics.ingest.payload import Incoming, Submission
from metrics.ingest.record import record

# How many of the visitors get as far down the page, by depth in percent.
SCROLL_SHARES = {25: 0.82, 50: 0.61, 75: 0.38, 100: 0.19}
# The control's rates. Who does either has converted.
CLICK_RATE = 0.09
SIGN_UP_RATE = 0.035
CHUNK = 500
# On what the visitors come, and from where, in percent.
DEVICES = {"phone": 55, "desktop": 38, "tablet": 7}
SOURCES = {
    "direct": 38,
    "search.example": 27,
    "newsletter": 17,
    "news.example": 12,
    "social.example": 6,
}


# What one visitor does, in order: the types and the metadata of the events.
Happenings = tuple[tuple[EventType, str], ...]


class SimulationRefused(Exception):
    """The experiment doesn't take what was simulated; the message says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many visitors come, over which time, and how much better treatments do than the control.

    `lift` is relative: 0.15 raises a treatment's rates by 15 percent. One `seed`, `start` and
    `days` give the same visitors, events and ids, so that a second run adds nothing.
    """

    visitors: int
    start: datetime
    days: int
    lift: float
    seed: int


def simulate(experiment: Experiment, plan: Plan) -> Iterator[int]:
    """Send the plan's visitors, and yield how many have come so far after each chunk.

    Raises SimulationRefused where an event or a visitor is not taken.
    """
    rng = random.Random(plan.seed)  # noqa: S311  (a simulation, not a secret)
    seconds = plan.days * 24 * 3600
    _make_months(plan)
    # In order of time, as real visitors come.
    arrivals = sorted(rng.uniform(0, seconds) for _ in range(plan.visitors))
    control_id = str(experiment.variants.get(position=0).id)
    for begin in range(0, plan.visitors, CHUNK):
        wishes = [
            Wish(_new_id(rng), str(experiment.id), plan.start + timedelta(seconds=arrivals[n]))
            for n in range(begin, min(begin + CHUNK, plan.visitors))
        ]
        submissions = []
        for wish, outcome in zip(wishes, assign(wishes), strict=True):
            if not isinstance(outcome, VariantView):
                raise SimulationRefused(f"No visitor is enrolled: {outcome.value}.")
            factor = 1.0 if outcome.id == control_id else 1.0 + plan.lift
            submissions.append(Submission(tuple(_visit(rng, wish, outcome.id, factor)), True))
        for written in record(submissions):
            if written.reason is not None:
                raise SimulationRefused(f"An event was refused: {written.reason.value}.")
        yield begin + len(wishes)


def _make_months(plan: Plan) -> None:
    last = plan.start + timedelta(days=plan.days)
    try:
        partitions.ensure_months(partitions.months_between(plan.start.date(), last.date()))
    except partitions.MonthPruned as pruned:
        raise SimulationRefused(str(pruned)) from pruned


def _visit(rng: random.Random, wish: Wish, variant_id: str, factor: float) -> Iterator[Incoming]:
    """Yield what one visitor does; the same draws are made whatever the visitor decides."""
    moment = wish.moment
    for event_type, metadata in happenings_of(rng.random(), rng.random(), rng.random(), factor):
        yield Incoming(
            visitor_id=wish.visitor_id,
            experiment_id=wish.experiment_id,
            variant_id=variant_id,
            event_type=event_type,
            id=_new_id(rng),
            metadata=_arrival_of(wish) if event_type is EventType.PAGE_VIEW else metadata,
            moment=moment,
        )
        if moment is not None:
            moment += timedelta(seconds=pause(rng))


def _arrival_of(wish: Wish) -> str:
    """Return the metadata of a visitor's page view: drawn by their id, so that no draw is added."""
    number = uuid.UUID(wish.visitor_id).int
    device = _share_at(DEVICES, number % 100)
    return f'{{"device":"{device}","source":"{_share_at(SOURCES, number // 100 % 100)}"}}'


def _share_at(shares: Mapping[str, int], percent: int) -> str:
    """Return the name in whose share a number from 0 to 99 lies."""
    for name, share in shares.items():
        percent -= share
        if percent < 0:
            return name
    raise ValueError("The shares sum to less than 100.")


def happenings_of(reach: float, click: float, sign_up: float, factor: float) -> Happenings:
    """Return what a visitor of these draws does; `factor` raises the rates of a treatment."""
    depths = sum(reach < share for share in SCROLL_SHARES.values())
    return _happenings(depths, click < CLICK_RATE * factor, sign_up < SIGN_UP_RATE * factor)


def pause(rng: random.Random) -> float:
    """Return the seconds from one thing that a visitor does to the next."""
    return 1 + rng.expovariate(1 / 8)


@cache
def _happenings(depths: int, is_clicking: bool, is_signing_up: bool) -> Happenings:
    happenings = [
        (EventType.PAGE_VIEW, "{}"),
        *((EventType.SCROLL_DEPTH, f'{{"depth":{d}}}') for d in list(SCROLL_SHARES)[:depths]),
    ]
    if is_clicking:
        happenings.append((EventType.CTA_CLICK, "{}"))
    if is_signing_up:
        happenings.append((EventType.FORM_SUBMIT, "{}"))
    return tuple(happenings)


def _new_id(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
