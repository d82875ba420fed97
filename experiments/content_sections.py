"""Which sections a landing page shows, and in which order: one content key like every other.

Its text is a list of names, “hero, features, sign_up”.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

KEY = "sections"
FIRST, NEEDED = "hero", "sign_up"
# {name: label}, in the default order.
SECTIONS: Mapping[str, str] = {
    FIRST: gettext_noop("Hero"),
    "figures": gettext_noop("Figures"),
    "features": gettext_noop("Features"),
    "steps": gettext_noop("How it works"),
    "social_proof": gettext_noop("Social proof"),
    NEEDED: gettext_noop("Sign-up form"),
}


def written(names: Iterable[str]) -> str:
    """Return names as the content key's text."""
    return ", ".join(names)


def named_in(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def sections_problem(text: str) -> str | None:
    """Return what is wrong with a list of sections, as a sentence, or None."""
    names = named_in(text)
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        return _(
            "There is no section “%(name)s”. A page is made of %(sections)s, with commas between "
            "them."
        ) % {"name": unknown[0], "sections": written(SECTIONS)}
    twice = [name for name in SECTIONS if names.count(name) > 1]
    if twice:
        told = _("The section %(name)s is listed %(times)s times; list it once.")
        return told % {"name": twice[0], "times": names.count(twice[0])}
    if names[0] != FIRST:
        return _("A page begins with its %(name)s: list that first.") % {"name": FIRST}
    if NEEDED not in names:
        told = _("A page needs its sign-up form: add %(name)s where it is to stand.")
        return told % {"name": NEEDED}
    return None


def sections_in(text: str) -> tuple[str, ...]:
    """Return the sections to show; the default ones where the list is none."""
    return tuple(SECTIONS if sections_problem(text) else named_in(text))


def arranged(sent: Mapping[str, str], name: str) -> str | None:
    """Return the list that a form's fields describe, None where none of them was sent.

    For each section the form sends `<name>_<section>_place`, `…_was` (the place it had) and, where
    it is to be shown, `…_shown`; `<name>_beneath` is what the page shows if nothing is said. Empty
    where it comes to the same as that.
    """
    places = {
        section: _place(sent, f"{name}_{section}", number)
        for number, section in enumerate(SECTIONS, start=1)
        if f"{name}_{section}_place" in sent
    }
    if not places:
        return None
    kept = [
        section
        for section in SECTIONS
        if section in places and (section in (FIRST, NEEDED) or f"{name}_{section}_shown" in sent)
    ]
    kept.sort(key=lambda section: (section != FIRST, *places[section]))
    chosen = written(kept)
    return "" if chosen == written(sections_in(sent.get(f"{name}_beneath", ""))) else chosen


def _place(sent: Mapping[str, str], name: str, default: int) -> tuple[int, int]:
    """Return where a section is to stand, and on which side of one that stands there already.

    Who moves up comes before it, and who moves down after it.
    """
    place, was = (_number(sent.get(f"{name}_{part}", ""), default) for part in ("place", "was"))
    return place, (place > was) - (place < was)


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else default
