"""People: who they are, what they may do, and whether they may sign in at all.

Editors and administrators (superusers) manage people. Nobody changes themself, and all changes wait
for one lock; so whoever makes one is an editor before and after it, and there always is one.
"""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext, gettext_noop

from experiments import roles
from experiments.roles import StaffRole
from experiments.services import Refused

NOT_YOURSELF = gettext_noop("You can't change your own role. Ask another editor.")
NOT_YOURSELF_ALONE = gettext_noop(
    "You are the only editor, and somebody has to be one. Make somebody else an editor, who can "
    "then change your role."
)
NOT_OFF_YOURSELF = gettext_noop("You can't deactivate your own account. Ask another editor.")
NOT_OFF_YOURSELF_ALONE = gettext_noop(
    "You are the only editor, and somebody has to be one. Make somebody else an editor, who can "
    "then deactivate your account."
)
NO_LONGER_EDITOR = gettext_noop("You are no longer an editor, so nothing was changed.")
ABOVE_YOU = gettext_noop(
    "%(name)s is an administrator. Only another administrator can change that account."
)
ABOVE_ROLES = gettext_noop(
    "%(name)s is an administrator, who may do all that an editor may. No role would change that; "
    "deactivating the account does."
)


def people_by_name() -> QuerySet[User]:
    """Everybody with their groups, those who may sign in first, by name."""
    return User.objects.prefetch_related("groups").order_by("-is_active", Lower("username"), "pk")


def editors() -> QuerySet[User]:
    """Who may change things, people included."""
    may_edit = Q(is_superuser=True) | Q(groups__name=roles.EDITORS)
    return User.objects.filter(may_edit, is_active=True).distinct()


def role_of(person: User) -> StaffRole | None:
    """Return a person's role, or None; an administrator needs none."""
    held = {group.name for group in person.groups.all()}
    return next((role for role in (StaffRole.EDITOR, StaffRole.VIEWER) if role in held), None)


def give_role(person: User, role: StaffRole) -> None:
    """Put a person into the role's group, and out of the others'."""
    for other in Group.objects.filter(name__in=StaffRole.values).exclude(name=role):
        person.groups.remove(other)
    person.groups.add(Group.objects.get_or_create(name=role.value)[0])


@transaction.atomic
def change_role(*, person_id: int, role: StaffRole, by: User) -> User:
    """Make a person a viewer or an editor. Raises Refused and User.DoesNotExist."""
    person = _person_to_change(person_id, by, own=(NOT_YOURSELF, NOT_YOURSELF_ALONE))
    if person.is_superuser:
        raise Refused(gettext(ABOVE_ROLES) % {"name": person})
    give_role(person, role)
    return person


@transaction.atomic
def deactivate_person(*, person_id: int, by: User) -> User:
    """Keep a person from signing in, and sign them out everywhere.

    Raises Refused and User.DoesNotExist.
    """
    person = _person_to_change(person_id, by, own=(NOT_OFF_YOURSELF, NOT_OFF_YOURSELF_ALONE))
    return _set_active(person, is_active=False)


@transaction.atomic
def reactivate_person(*, person_id: int, by: User) -> User:
    """Let a person sign in again, in the role that they had. Raises as deactivating does."""
    person = _person_to_change(person_id, by, own=(NOT_OFF_YOURSELF, NOT_OFF_YOURSELF_ALONE))
    return _set_active(person, is_active=True)


def _set_active(person: User, *, is_active: bool) -> User:
    person.is_active = is_active
    person.save(update_fields=["is_active"])
    # An inactive person's sessions are nobody's; but they would come back to life with the account.
    _end_sessions_of(person)
    return person


def _person_to_change(person_id: int, by: User, *, own: tuple[str, str]) -> User:
    """Return a person to change, once nobody else changes people, or raise Refused.

    `own` is said to whoever would change themself: where another could do it, and where none could.
    """
    Group.objects.get_or_create(name=roles.EDITORS)
    Group.objects.select_for_update().get(name=roles.EDITORS)
    able = set(editors().values_list("pk", flat=True))
    if by.pk not in able:
        raise Refused(gettext(NO_LONGER_EDITOR))
    person = User.objects.get(pk=person_id)
    if person.pk == by.pk:
        raise Refused(gettext(own[len(able) == 1]))
    if person.is_superuser and not by.is_superuser:
        raise Refused(gettext(ABOVE_YOU) % {"name": person})
    return person


def _end_sessions_of(person: User) -> None:
    """Delete a person's sessions. Only staff have any, so reading them all takes a moment."""
    theirs = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(person.pk)
    ]
    Session.objects.filter(pk__in=theirs).delete()
