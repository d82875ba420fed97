"""From a visit to the page's HTML.

Nearly all of the page depends on the configuration alone. So it is rendered once for each set of
variants that is shown, and a request only fills in what is the visitor's own: an id, on what and
from where they came, a form token, the address of the site.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from experiments.snapshot import Snapshot
from landing.arrivals import page_view_of
from landing.content import Shown, context_for, features_of, shown_in
from landing.visits import Visit

# More sets of variants than this are not kept: ten experiments of ten variants have too many.
MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class SignUp:
    """The state of the sign-up form: empty, refused for what was typed or for now, or done."""

    email: str = ""
    field_error: str = ""
    # The content key with which the page words the error in its own way.
    error_key: str = ""
    notice: str = ""
    is_done: bool = False
    event_id: str | None = None

    def worded(self, texts: Mapping[str, str]) -> SignUp:
        """Return the same with the error in the page's own words."""
        return replace(self, field_error=texts[self.error_key]) if self.error_key else self


EMPTY_FORM = SignUp()


def render(request: HttpRequest, visit: Visit, sign_up: SignUp = EMPTY_FORM) -> str:
    """Return the page as this visitor sees it."""
    own = _own_values(request, visit)
    if sign_up is not EMPTY_FORM:
        context = _context(visit, shown_in(visit), features_of(visit))
        return rendered(context | own | {"sign_up": sign_up.worded(context["text"])})
    pieces = _kept.pieces_for(visit)
    # Literal text and names of values take turns.
    for position in range(1, len(pieces), 2):
        pieces[position] = own[pieces[position]]
    return "".join(pieces)


def _own_values(request: HttpRequest, visit: Visit) -> dict[str, SafeString]:
    """Return what is different for every visitor, ready to stand in HTML."""
    token = SafeString("")
    if visit.visitor is not None:
        token = format_html(
            '<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request)
        )
    return {
        "visitor_id": SafeString(visit.visitor.id if visit.visitor else ""),
        "page_view": conditional_escape(page_view_of(request) if visit.is_tracked else ""),
        "csrf_field": token,
        "origin": conditional_escape(f"{request.scheme}://{request.get_host()}"),
    }


def _context(visit: Visit, shown: tuple[Shown, ...], features: frozenset[str]) -> dict[str, Any]:
    context = context_for(visit, shown, features)
    return context | {"assignments": json.dumps(context["tracked"], separators=(",", ":"))}


def rendered(context: Mapping[str, Any]) -> str:
    return str(get_template("landing/page.html").render(dict(context)))


class KeptPages:
    """The rendered pages of the current snapshot, with gaps for what is the visitor's own."""

    # Drawn anew by each process, so that no text that staff write can be taken for a gap.
    _MARK = secrets.token_hex(16)
    _GAP = re.compile(rf"{_MARK}-(\w+)-")

    def __init__(self) -> None:
        self._held: tuple[Snapshot | None, dict[Any, list[str]]] = (None, {})

    def pieces_for(self, visit: Visit) -> list[str]:
        """Return the page in pieces, a new list each time: text, name of a gap, text, …"""
        snapshot, pages = self._held
        if snapshot is not visit.snapshot:
            pages = {}
            self._held = (visit.snapshot, pages)
        # Once: a toggle may turn on between two looks, and the page is kept for others too.
        shown, features = shown_in(visit), features_of(visit)
        key = (visit.page.id, features, *(choice.key for choice in shown))
        pieces = pages.get(key)
        if pieces is None:
            pieces = self._GAP.split(rendered(_context(visit, shown, features) | self._gaps()))
            if len(pages) < MOST_KEPT and not settings.DEBUG:
                pages[key] = pieces
        return pieces.copy()

    def _gaps(self) -> dict[str, Any]:
        names = ("visitor_id", "page_view", "csrf_field", "origin")
        gaps = {name: f"{self._MARK}-{name}-" for name in names}
        return {**gaps, "sign_up": EMPTY_FORM}


_kept = KeptPages()
