"""Writes to toggles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.keeper import keeper
from experiments.models import Toggle
from experiments.services import EditConflict

SHARE_MESSAGE = gettext_lazy("Give a share from 1 to 100 %. For nobody, switch the toggle off.")


@dataclass(frozen=True, slots=True)
class Schedule:
    """From when until when a toggle is on; None is at once, and without an end."""

    turns_on_at: datetime | None = None
    turns_off_at: datetime | None = None


ALWAYS = Schedule()


@transaction.atomic
def create_toggle(*, key: str, description: str = "", enabled: bool = False) -> Toggle:
    """Make a toggle. Raises ValidationError for a key that is taken or not an identifier."""
    toggle = Toggle(key=key, description=description, enabled=enabled)
    toggle.full_clean()
    toggle.save()
    transaction.on_commit(keeper.refresh_quietly)
    return toggle


@transaction.atomic
def update_toggle(
    *,
    toggle_id: UUID,
    enabled: bool | None = None,
    description: str | None = None,
    rollout: int | None = None,
    schedule: Schedule | None = None,
    reason: str = "",
    version: int | None = None,
) -> Toggle:
    """Change what is given. `rollout` is in whole percent of visitors; `reason` is of this change.

    Switching without a schedule is at once, and drops what the schedule had against it. Raises
    Toggle.DoesNotExist, EditConflict, and ValidationError by field.
    """
    toggle = Toggle.objects.select_for_update().get(pk=toggle_id)
    if version is not None and version != toggle.version:
        raise EditConflict(
            _("Somebody else changed this toggle meanwhile; this is its current state.")
        )
    now = timezone.now()
    if enabled is not None:
        toggle.enabled = enabled
        schedule = schedule or _at_once(toggle, now)
    if schedule is not None:
        _require_sense(toggle, schedule, now)
        toggle.turns_on_at, toggle.turns_off_at = schedule.turns_on_at, schedule.turns_off_at
    if rollout is not None:
        toggle.rollout = _share(rollout)
    if description is not None:
        toggle.description = description
    toggle.reason = reason
    toggle.version += 1
    toggle.updated_at = now
    toggle.save()
    transaction.on_commit(keeper.refresh_quietly)
    return toggle


@transaction.atomic
def delete_toggle(*, toggle_id: UUID) -> None:
    """Delete a toggle: what asks for it finds it off. Raises Toggle.DoesNotExist."""
    Toggle.objects.get(pk=toggle_id).delete()
    transaction.on_commit(keeper.refresh_quietly)


def _at_once(toggle: Toggle, now: datetime) -> Schedule:
    """Return what is left of a toggle's schedule when somebody switches it by hand."""
    ends = toggle.turns_off_at
    return Schedule(turns_off_at=ends if toggle.enabled and ends and ends > now else None)


def _require_sense(toggle: Toggle, wanted: Schedule, now: datetime) -> None:
    """Raise ValidationError for a schedule that can't be meant. What stood before may stay."""
    problems: dict[str, str] = {}
    on, off = wanted.turns_on_at, wanted.turns_off_at
    if not toggle.enabled and (on or off):
        text = _("Times count while the toggle is on. Switch it on, or leave them empty.")
        problems["turns_on_at" if on else "turns_off_at"] = text
    elif off and off <= now and off != toggle.turns_off_at:
        problems["turns_off_at"] = _(
            "This moment has passed. Give one to come, or switch the toggle off."
        )
    elif on and on <= now and on != toggle.turns_on_at:
        problems["turns_on_at"] = _(
            "This moment has passed. Give one to come, or leave it empty to begin at once."
        )
    elif on and off and on >= off:
        problems["turns_off_at"] = _("It must turn off after it has turned on.")
    if problems:
        raise ValidationError(problems)


def _share(rollout: int) -> int:
    if not 1 <= rollout <= 100:
        raise ValidationError({"rollout": SHARE_MESSAGE})
    return rollout
