"""Rate limits per client address, counted by django-ratelimit in the shared cache."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django_ratelimit.core import get_usage

from experiments.answers import ApiError, too_many_requests


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
    name = settings.CLIENT_ADDRESS_HEADER
    if not name:
        return peer or "unknown"
    hops = [hop.strip() for hop in (header(name) or "").split(",") if hop.strip()]
    try:
        claimed = hops[-min(settings.TRUSTED_PROXY_COUNT, len(hops))]
        return str(ipaddress.ip_address(claimed))
    except (IndexError, ValueError):
        return peer or "unknown"


def check_limit(group: str, caller: Caller) -> None:
    """Count one request of this caller in a group; raise the 429 once the limit is passed."""
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
        raise ApiError(too_many_requests(max(1, usage["time_left"])))
