"""Counts a group's calls against their rate limits, and says which of them are let in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from config.counters import SharedCounters
from experiments import limits
from experiments.answers import ApiError
from experiments.hot import HotPath


@dataclass(slots=True)
class Call:
    """One call on its way: under which limit, from which address, with what in its body.

    `item` is the ApiError of a body that is wrong. Such a call counts towards the limit as well.
    Without an address it counts towards none: it comes from this process itself. One that was
    counted and let in isn't counted again when its group failed and it is done by itself.
    """

    path: HotPath[Any, Any]
    address: str | None
    item: Any
    is_let_in: bool = False


# Up to this part of its limit an address is let in by what was known of it a moment ago. Should
# other processes have used up all of the limit since, so many calls are let in beyond it.
FAR_BELOW = 4
# By each limit, what an address's calls are counted as.
_Arrived = Mapping[str, Mapping[str, int]]


class Admission:
    """One for each lane. Without `counters` only a cache in this process's memory counts here."""

    def __init__(self, counters: SharedCounters | None) -> None:
        self._counters = counters
        self._is_local = settings.CACHES["default"]["BACKEND"].endswith("LocMemCache")

    @property
    def is_at_hand(self) -> bool:
        """Whether `refusals_here` can count now, without a thread."""
        return self._is_local or (self._counters is not None and self._counters.is_there)

    async def refusals_here(self, calls: Sequence[Call]) -> list[ApiError | None]:
        """Return what each call is refused for: its limit, or its body; None lets it in."""
        if self._is_local or self._counters is None:
            return refusals(calls)
        refused = {}
        for limit, addresses in _arrived(calls).items():
            counters = limits.counters_for(limit, addresses)
            mark = settings.RATE_LIMITS[limit] // FAR_BELOW
            if counters and not self._counters.raise_unless_above(counters, mark):
                counts = await self._counters.raised(counters)
                refused[limit] = limits.refusals_by(limit, counters, counts)
        return _in_order(calls, refused)


def refusals(calls: Sequence[Call]) -> list[ApiError | None]:
    """As `refusals_here`, by Django's cache, however long that takes."""
    arrived = _arrived(calls)
    return _in_order(calls, {limit: limits.refusals(limit, arrived[limit]) for limit in arrived})


def _arrived(calls: Sequence[Call]) -> _Arrived:
    by_limit: dict[str, Counter[str]] = {}
    for call in calls:
        if call.address is not None and not call.is_let_in:
            by_limit.setdefault(call.path.limit, Counter())[call.address] += 1
    return by_limit


def _in_order(
    calls: Sequence[Call], refused: Mapping[str, limits.Refusals]
) -> list[ApiError | None]:
    """Let the first calls of an address in, as many as its limit has room for."""
    if any(refused.values()):
        let_in: Counter[tuple[str, str]] = Counter()
        refusals = [_refusal(call, refused, let_in) for call in calls]
    else:
        refusals = [None] * len(calls)
    for call, refusal in zip(calls, refusals, strict=True):
        call.is_let_in = refusal is None
    return [
        refusal or (call.item if isinstance(call.item, ApiError) else None)
        for call, refusal in zip(calls, refusals, strict=True)
    ]


def _refusal(
    call: Call, refused: Mapping[str, limits.Refusals], let_in: Counter[tuple[str, str]]
) -> ApiError | None:
    if call.address is None or call.is_let_in:
        return None
    at_the_limit = refused.get(call.path.limit, {})
    if call.address not in at_the_limit:
        return None
    room, refusal = at_the_limit[call.address]
    key = (call.path.limit, call.address)
    let_in[key] += 1
    return None if let_in[key] <= room else refusal
