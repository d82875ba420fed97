"""On what a visitor came, and from where: judged by the server when it renders the page.

The page hands the judgement to its tracker, which reports it with the page view. It is for
exploring results by segment, and decides nothing.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from urllib.parse import urlsplit

from django.http import HttpRequest

DIRECT = "direct"
_LONGEST_SOURCE = 60
_LONGEST_HEADER = 512

# An Android that isn't "Mobile" is a tablet, by its makers' own rule. iPads that ask for desktop
# pages call themselves Macintosh, and are taken for one.
_TABLET = re.compile(
    r"ipad|tablet|playbook|kindle|silk/(?!.*mobile)|android(?!.*mobi)", re.IGNORECASE
)
_PHONE = re.compile(r"mobi|iphone|ipod|phone|opera mini", re.IGNORECASE)
_DESKTOP = re.compile(r"windows nt|macintosh|x11|cros |linux", re.IGNORECASE)


def page_view_of(request: HttpRequest) -> str:
    """Return the metadata of this page load's view, as JSON: `device` (where known), `source`."""
    user_agent = request.META.get("HTTP_USER_AGENT", "")[:_LONGEST_HEADER]
    return _metadata(_device_of(user_agent), _source_of(request))


@lru_cache(maxsize=1024)
def _device_of(user_agent: str) -> str:
    """Return phone, tablet or desktop; nothing for what calls itself none of them."""
    for name, pattern in (("tablet", _TABLET), ("phone", _PHONE), ("desktop", _DESKTOP)):
        if pattern.search(user_agent):
            return name
    return ""


def _source_of(request: HttpRequest) -> str:
    """Return the campaign's source that the address names, else the site that led here."""
    if "utm_source" in request.META.get("QUERY_STRING", ""):
        source = " ".join(request.GET.get("utm_source", "").lower().split())[:_LONGEST_SOURCE]
        # What can't be printed is nobody's source, and what holds an address must not be kept.
        if source and source.isprintable() and "@" not in source:
            return source
    referrer = request.META.get("HTTP_REFERER", "")[:_LONGEST_HEADER]
    return _site_of(referrer, request.get_host()) if referrer else DIRECT


@lru_cache(maxsize=1024)
def _site_of(referrer: str, own_host: str) -> str:
    """Return the host of another site's page, without its path; a page of our own is no source."""
    try:
        host = urlsplit(referrer).hostname or ""
        own = urlsplit(f"//{own_host}").hostname
    except ValueError:
        return DIRECT
    if host == own or not host.isascii() or not host.isprintable() or "@" in host:
        return DIRECT
    return host.removeprefix("www.")[:_LONGEST_SOURCE] or DIRECT


@lru_cache(maxsize=1024)
def _metadata(device: str, source: str) -> str:
    known = {"device": device} if device else {}
    return json.dumps({**known, "source": source}, ensure_ascii=False, separators=(",", ":"))
