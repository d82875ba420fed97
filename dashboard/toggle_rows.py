"""Toggles as the list shows them: what each is doing now, who changed it last, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.history.changes import LastChange, last_changes
from experiments.features import FEATURES, Feature
from experiments.models import Toggle
from experiments.models.audit import AuditedKind


class State(StrEnum):
    """What a toggle is doing at a moment."""

    ON = "on"
    OFF = "off"
    # It will turn on by itself, and has turned off by itself.
    COMING = "coming"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ToggleRow:
    """One toggle. `last` is None where the last change was before the log began; `feature` where
    no page reads the toggle."""

    toggle: Toggle
    state: State
    last: LastChange | None
    feature: Feature | None

    @property
    def is_on(self) -> bool:
        return self.state is State.ON

    @property
    def description(self) -> str:
        """What staff wrote, or what is known without it."""
        known = self.feature.does if self.feature else _("No description yet.")
        return self.toggle.description or str(known)

    @property
    def is_for_some(self) -> bool:
        return self.toggle.rollout < 100


def state_of(toggle: Toggle, now: datetime) -> State:
    """Return what a toggle is doing at a moment."""
    if toggle.view.is_on_at(now):
        return State.ON
    if toggle.enabled and toggle.turns_on_at and now < toggle.turns_on_at:
        return State.COMING
    return State.ENDED if toggle.enabled and toggle.turns_off_at else State.OFF


def rows_of(toggles: Sequence[Toggle]) -> list[ToggleRow]:
    """Return rows in the toggles' order, in one query for all of them."""
    last = last_changes(AuditedKind.TOGGLE, [toggle.id for toggle in toggles])
    now = timezone.now()
    return [
        ToggleRow(
            toggle=toggle,
            state=state_of(toggle, now),
            last=last.get(str(toggle.id)),
            feature=FEATURES.get(toggle.key),
        )
        for toggle in toggles
    ]
