"""Every page of the product by its URL's name, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from dashboard.tests.browser import age, count_visitors
from dashboard.tests.test_access import ANYONE, TABLE, path_to
from experiments.models import Experiment, Variant
from experiments.pages import create_page, home_page
from experiments.previews import preview_token
from experiments.tests.factories import ExperimentFactory, ToggleFactory, make_token
from metrics.models import Lead
from metrics.tests.factories import assigned_visitor, event_of, record_one

# Programs' URLs, by where they lie.
NO_PAGES = ("api/", "livez")


def named_urls() -> set[str]:
    """Return the full name of every URL that isn't a program's."""
    return set(_named(get_resolver().url_patterns, "", ""))


def _named(patterns: Any, namespace: str, route: str) -> Iterator[str]:
    for pattern in patterns:
        where = route + str(pattern.pattern)
        if where.startswith(NO_PAGES):
            continue
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _named(pattern.url_patterns, inner, where)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"


# The dashboard's, by who may open them (dashboard/tests/test_access.py holds that none is missing).
STAFF_PAGES = sorted(
    f"dashboard:{name}" for name, by in TABLE.items() if by.get("GET", ANYONE) != ANYONE
)
GUEST_PAGES = sorted(f"dashboard:{name}" for name, by in TABLE.items() if by.get("GET") == ANYONE)
WITHOUT_PAGE = {f"dashboard:{name}" for name, by in TABLE.items() if "GET" not in by}


# What these answer with is kept as a file, or part of a page.
FILES = {
    f"dashboard:{name}" for name in ("history-export", "lead-export", "chart-csv", "chart-svg")
}


def pages() -> set[str]:
    """Return the name of every URL that a browser can be sent to."""
    others = {name for name, make in OTHER_PAGES.items() if make}
    return {*STAFF_PAGES, *GUEST_PAGES, *others}


def _variant() -> Variant:
    return ExperimentFactory.create(through=[]).variants.first()  # type: ignore[no-any-return]


# Everybody else's; None where the URL has no page of its own, and why.
OTHER_PAGES: Mapping[str, Callable[[], str] | None] = {
    "landing:home": lambda: reverse("landing:home"),
    "landing:page": lambda: reverse(
        "landing:page", args=[create_page(name="Teams", slug="teams").slug]
    ),
    "landing:preview": lambda: reverse(
        "landing:preview", args=[preview_token(variant_id=_variant().id, lasts=timedelta(1))[0]]
    ),
    "preview:page": lambda: reverse("preview:page", args=[home_page().pk]),
    "preview:variant": lambda: reverse("preview:variant", args=[_variant().id]),
    # Shows what the other two do, of what is sent to it.
    "preview:content": None,
    # Lead to landing:page.
    "landing:page-without-slash": None,
    "landing:sign-up": None,
    "landing:page-sign-up": None,
    # A drawing, and a text for programs.
    "landing:favicon": None,
    "landing:robots": None,
}
# What the dashboard shows in frames, to staff alone.
FRAMED_PAGES = sorted(
    name for name, make in OTHER_PAGES.items() if make and name.startswith("preview:")
)


def path_of(name: str, busy: Experiment) -> str:
    """Return a page's path; pages of an experiment, as far as they can be, are those of `busy`."""
    if name in OTHER_PAGES:
        make = OTHER_PAGES[name]
        assert make is not None
        return make()
    if name in OF_A_BUSY_EXPERIMENT:
        return reverse(name, args=[busy.id])
    return path_to(name.removeprefix("dashboard:"))


# The rest of an experiment's pages are about drafts.
OF_A_BUSY_EXPERIMENT = {
    f"dashboard:experiment-{page}"
    for page in ("detail", "breakdown", "content", "history", "edit", "complete")
}


def fill() -> Experiment:
    """Store something for every list to show, and return an experiment with results."""
    busy = ExperimentFactory.create(name="Busy")
    age(busy, days=3)
    for days_ago, more in ((2, 0), (1, 40), (0, 60)):
        count_visitors(busy, (1000 + more, 100 + more // 2), (990, 131), days_ago=days_ago)
    ExperimentFactory.create(through=["start", "complete"])
    for enabled in (True, False):
        ToggleFactory.create(enabled=enabled)
    make_token()
    Lead.objects.create(email="reader@x.example")
    record_one(event_of(busy, *assigned_visitor(busy), metadata='{"device":"phone","depth":25}'))
    return busy  # type: ignore[no-any-return]  # the factory has no types
