"""The list of people as one of them sees it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils.translation import gettext, gettext_noop

from experiments import people
from experiments.roles import StaffRole

_WORDS = {
    StaffRole.VIEWER: (
        gettext_noop("Make viewer"),
        gettext_noop("Make %(name)s a viewer?"),
        gettext_noop("They look at everything and change nothing."),
    ),
    StaffRole.EDITOR: (
        gettext_noop("Make editor"),
        gettext_noop("Make %(name)s an editor?"),
        gettext_noop("They change everything, people included."),
    ),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A role that a person can be given, and the words of the button and of its question."""

    role: StaffRole
    label: str
    title: str
    text: str

    @property
    def fields(self) -> dict[str, str]:
        """What the button sends."""
        return {"role": self.role.value}


@dataclass(frozen=True, slots=True)
class Row:
    """A person, and what the reader may make of them."""

    person: User
    role: str
    is_self: bool
    offers: tuple[Offer, ...]
    is_changeable: bool


def roster_for(reader: User) -> list[Row]:
    """Return everybody's row, in two queries."""
    return [_row(person, reader) for person in people.people_by_name()]


def _row(person: User, reader: User) -> Row:
    role = people.role_of(person)
    is_self = person.pk == reader.pk
    is_changeable = not is_self and (reader.is_superuser or not person.is_superuser)
    is_given_roles = is_changeable and person.is_active and not person.is_superuser
    return Row(
        person=person,
        role=_role_text(person, role),
        is_self=is_self,
        offers=_offers(person, role) if is_given_roles else (),
        is_changeable=is_changeable,
    )


def _role_text(person: User, role: StaffRole | None) -> str:
    if person.is_superuser:
        return gettext("Administrator")
    return str(role.label) if role else gettext("No role")


def _offers(person: User, role: StaffRole | None) -> tuple[Offer, ...]:
    return tuple(
        Offer(other, gettext(label), gettext(title) % {"name": person}, gettext(text))
        for other, (label, title, text) in _WORDS.items()
        if other != role
    )
