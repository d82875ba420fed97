"""Who is this? A visitor with an id, or somebody who sees the control and is counted nowhere."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from experiments import staff_marker
from experiments.answers import clean_uuid

VISITOR_COOKIE = "visitor_id"

# What crawlers, link previewers, site auditors and uptime monitors call themselves. Browsers
# without a head are no bots by this list, and neither are HTTP libraries: these run no script, and
# a visitor is counted from the first event that the script reports. (A "CUBOT" is a telephone.)
_BOT = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|archiver|preview|externalhit|externalagent|fetcher"
    r"|inspectiontool|mediapartners|lighthouse|pagespeed|validator|monitor|uptime|pingdom",
    re.IGNORECASE,
)
_LONGEST_USER_AGENT = 512


class Exclusion(StrEnum):
    """Why somebody sees the control and is counted nowhere."""

    BOT = "bot"
    HEAD = "head"
    PREFETCH = "prefetch"
    PRIVACY_SIGNAL = "privacy_signal"
    STAFF = "staff"
    # Not by who they are: nothing can be stored for them now. They keep what their cookie says.
    DATABASE_DOWN = "database_down"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A counted visitor. `is_cookie_due` where the browser doesn't hold exactly this id yet."""

    id: str
    is_cookie_due: bool


def exclusion_of(request: HttpRequest) -> Exclusion | None:
    """Return why this request's visitor isn't counted, or None for one who is."""
    headers = request.META
    if request.method == "HEAD":
        return Exclusion.HEAD
    if _is_bot(headers.get("HTTP_USER_AGENT", "")[:_LONGEST_USER_AGENT]):
        return Exclusion.BOT
    purpose = headers.get("HTTP_SEC_PURPOSE") or headers.get("HTTP_PURPOSE")
    if purpose and "prefetch" in purpose.lower():
        return Exclusion.PREFETCH
    if settings.RESPECT_PRIVACY_SIGNALS and "1" in (
        headers.get("HTTP_SEC_GPC"),
        headers.get("HTTP_DNT"),
    ):
        return Exclusion.PRIVACY_SIGNAL
    if staff_marker.is_marked(request):
        return Exclusion.STAFF
    return None


def identify(request: HttpRequest) -> Visitor:
    """Return the visitor that the cookie names, or a new one where it names none."""
    presented = request.COOKIES.get(VISITOR_COOKIE)
    visitor_id = clean_uuid(presented)
    if visitor_id is None:
        return Visitor(str(uuid.uuid4()), is_cookie_due=True)
    return Visitor(visitor_id, is_cookie_due=visitor_id != presented)


@lru_cache(maxsize=1024)
def _is_bot(user_agent: str) -> bool:
    return _BOT.search(user_agent) is not None
