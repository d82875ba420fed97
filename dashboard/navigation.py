"""Where the dashboard's pages are: the one list that its navigation is made from."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.access import Role
from experiments.roles import AnyUser


@dataclass(frozen=True)
class Entry:
    """A page that the navigation leads to.

    `icon` is a symbol of static/dashboard/icons.svg, `role` what the page asks of a reader. Pages
    whose URL names begin with one of `covers` count as lying below it.
    """

    label: str | Promise
    url_name: str
    icon: str
    covers: tuple[str, ...] = ()
    role: Role = Role.VIEWER


@dataclass(frozen=True)
class Link:
    """An entry as one reader on one page sees it; `current` is the value of aria-current."""

    label: str | Promise
    url: str
    icon: str
    current: str


# In groups, between which the navigation leaves some room.
GROUPS: tuple[tuple[Entry, ...], ...] = (
    (
        Entry(_("Home"), "home", "home"),
        Entry(_("Experiments"), "experiment-list", "experiments", ("experiment-", "goal-")),
        Entry(_("Pages"), "page-list", "pages", ("page-",)),
        Entry(_("Toggles"), "toggle-list", "toggles", ("toggle-",)),
        Entry(_("Leads"), "lead-list", "leads", ("lead-",)),
    ),
    (
        Entry(_("Live events"), "events", "events", ("event-", "events-")),
        Entry(_("Simulator"), "simulate", "simulator"),
        Entry(_("History"), "history", "history"),
    ),
    (
        Entry(_("People"), "person-list", "people", ("person-", "invitation-"), Role.EDITOR),
        Entry(_("API tokens"), "token-list", "tokens", ("token-",), Role.EDITOR),
    ),
)


def navigation_for(user: AnyUser, here: str) -> list[list[Link]]:
    """Return the links that `user` may follow, by group; `here` is the URL name of the page."""
    found = ([_link(entry, here) for entry in group if _leads(entry, user)] for group in GROUPS)
    return [links for links in found if links]


def _leads(entry: Entry, user: AnyUser) -> bool:
    if not entry.role.is_held_by(user):
        return False
    try:
        reverse(f"dashboard:{entry.url_name}")
    except NoReverseMatch:
        return False
    return True


def _link(entry: Entry, here: str) -> Link:
    current = "page" if here == entry.url_name else ""
    if not current and entry.covers and here.startswith(entry.covers):
        current = "true"
    return Link(entry.label, reverse(f"dashboard:{entry.url_name}"), entry.icon, current)
