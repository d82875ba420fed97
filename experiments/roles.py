"""Who may look and who may change: two groups, made by a migration."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

VIEWERS = "viewers"
EDITORS = "editors"


class StaffRole(TextChoices):
    """What a person can be made. The value is the group's name."""

    VIEWER = VIEWERS, gettext_lazy("Viewer")
    EDITOR = EDITORS, gettext_lazy("Editor")


AnyUser = AbstractBaseUser | AnonymousUser


def _groups_of(user: User) -> set[str]:
    # Read once a request: the user object lives as long as the request does.
    if not hasattr(user, "_group_names"):
        user._group_names = set(user.groups.values_list("name", flat=True))  # type: ignore[attr-defined]
    return user._group_names  # type: ignore[attr-defined, no-any-return]


def can_edit(user: AnyUser) -> bool:
    """Editors and superusers, while active."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or EDITORS in _groups_of(user)


def can_view(user: AnyUser) -> bool:
    """Viewers, and whoever may change."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or bool(_groups_of(user) & {VIEWERS, EDITORS})
