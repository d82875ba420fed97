"""Rate limits per client address, counted by django-ratelimit in the shared cache."""

from __future__ import annotations

import functools
import ipaddress
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django_ratelimit.core import get_usage

from experiments.answers import ApiError, too_many_requests

# What a provider gives one household; within it, each request may come from another address.
IPV6_SITE_BITS = 64
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """What a limit needs to know of a request, on either road."""

    address: str
    method: str = "POST"


def client_address(peer: str, header: Callable[[str], str | None]) -> str:
    """Return the client's address: the peer's, or what the trusted proxy in front says.

    `header` looks a request header up by name. Of a list (X-Forwarded-For), the entry that our
    outermost proxy appended counts; what stands before it, the client may have made up.
    """
    name, proxies = settings.CLIENT_ADDRESS_HEADER, settings.TRUSTED_PROXY_COUNT
    if name and proxies > 0:
        hops = [hop.strip() for hop in (header(name) or "").split(",") if hop.strip()]
        if hops:
            return _site_of(hops[-min(proxies, len(hops))]) or _site_of(peer) or "unknown"
    return _site_of(peer) or "unknown"


@functools.lru_cache(maxsize=4096)
def _site_of(address: str) -> str | None:
    """Return whom an address stands for, the network for IPv6, or None if it is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), IPV6_SITE_BITS), strict=False))


def check_limit(group: str, caller: Caller) -> None:
    """Count one request of this caller in a group; raise the 429 once the limit is passed.

    Counts begin anew every minute, at a second of the minute that differs between callers. Where
    the cache doesn't answer, nobody is refused (RATELIMIT_FAIL_OPEN).
    """
    limit = settings.RATE_LIMITS[group]
    if not limit:
        return
    usage = get_usage(
        caller,
        group=group,
        key=lambda _group, request: request.address,
        rate=f"{limit}/m",
        increment=True,
    )
    if usage is not None and usage["should_limit"]:
        # `time_left` leads to the window's last second, which still counts to it.
        raise ApiError(too_many_requests(usage["time_left"] + 1))


@dataclass(frozen=True, slots=True)
class CallCounter:
    """Where an address's calls of this minute are counted, and how many have just arrived.

    `seconds` are left of the minute.
    """

    address: str
    key: str
    arrived: int
    seconds: int


Refusals = dict[str, tuple[int, ApiError]]


def refusals(group: str, calls: Mapping[str, int]) -> Refusals:
    """Count many calls at once, by address; return {address: (how many are let in, the 429)}.

    Addresses whose calls are all within the limit are absent. What arrives as a group is counted
    by one question to the cache for each address. Counts as check_limit does, in counters of its
    own: a path belongs to one road.
    """
    counters = counters_for(group, calls)
    return refusals_by(group, counters, [_count(counter) for counter in counters])


def counters_for(group: str, calls: Mapping[str, int]) -> list[CallCounter]:
    """Return the counters to raise for calls, none where the group has no limit."""
    counters = []
    now = int(time.time())
    for address, arrived in calls.items() if settings.RATE_LIMITS[group] else ():
        left = MINUTE - (now - zlib.crc32(address.encode())) % MINUTE
        key = f"calls:{group}:{address}:{now + left}"
        counters.append(CallCounter(address, key, arrived, left))
    return counters


def refusals_by(group: str, counters: Sequence[CallCounter], counted: Sequence[int]) -> Refusals:
    """Return the refusals, as `refusals` does, by how far each counter was raised."""
    limit = settings.RATE_LIMITS[group]
    refused = {}
    for counter, count in zip(counters, counted, strict=True):
        if count > limit:
            let_in = max(0, counter.arrived - (count - limit))
            refused[counter.address] = let_in, ApiError(too_many_requests(counter.seconds))
    return refused


def _count(counter: CallCounter) -> int:
    """Raise a counter, which outlives its minute; 0 where the cache doesn't answer: fail open."""
    for _ in range(2):
        try:
            return int(cache.incr(counter.key, counter.arrived))
        except ValueError:
            if cache.add(counter.key, counter.arrived, counter.seconds + 1):
                return counter.arrived
            # Another process made it meanwhile, or nobody answers.
    return 0
