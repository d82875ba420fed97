"""Writes to toggles."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from experiments.keeper import keeper
from experiments.models import Toggle
from experiments.services import EditConflict


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
    version: int | None = None,
) -> Toggle:
    """Switch or describe a toggle. Raises Toggle.DoesNotExist and EditConflict."""
    toggle = Toggle.objects.select_for_update().get(pk=toggle_id)
    if version is not None and version != toggle.version:
        raise EditConflict(
            "Somebody else changed this toggle meanwhile; this is its current state."
        )
    if enabled is not None:
        toggle.enabled = enabled
    if description is not None:
        toggle.description = description
    toggle.version += 1
    toggle.updated_at = timezone.now()
    toggle.save()
    transaction.on_commit(keeper.refresh_quietly)
    return toggle


@transaction.atomic
def delete_toggle(*, toggle_id: UUID) -> None:
    """Delete a toggle: what asks for it finds it off. Raises Toggle.DoesNotExist."""
    Toggle.objects.get(pk=toggle_id).delete()
    transaction.on_commit(keeper.refresh_quietly)
