"""The toggles' forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from dashboard.forms.fields import DashboardForm, TextField
from dashboard.toggle_rows import State, state_of
from experiments import toggles
from experiments.models import Toggle

TAKEN = gettext_lazy("A toggle with this key exists. Keys are used once.")
DESCRIPTION_HELP = gettext_lazy("What visitors see when it is on.")
REASON_LENGTH = 300
# The fields that change what visitors get; a change to them asks for its reason.
FOR_VISITORS = {"enabled", "rollout", "turns_on_at", "turns_off_at"}


class NewToggleForm(DashboardForm):
    key = TextField(
        max_length=64,
        label=gettext_lazy("Key"),
        help_text=gettext_lazy(
            "The name that the page asks for: lower-case letters, digits and underscores."
        ),
        error_messages={
            "required": gettext_lazy("Give the toggle a key, such as show_hero_banner.")
        },
    )
    description = TextField(
        max_length=500,
        rows=3,
        required=False,
        label=gettext_lazy("Description"),
        help_text=DESCRIPTION_HELP,
    )
    enabled = forms.BooleanField(required=False, label=gettext_lazy("On from the start"))

    def save(self) -> Toggle | None:
        """Make the toggle, or put what is wrong beside the field and return None."""
        try:
            return toggles.create_toggle(**self.cleaned_data)
        except ValidationError as error:
            for field, problems in error.error_dict.items():
                for problem in problems:
                    self.add_error(field, str(TAKEN) if problem.code == "unique" else problem)
        except IntegrityError:
            # Somebody else's toggle of this key was saved between the check and the write.
            self.add_error("key", str(TAKEN))
        return None


class MomentField(forms.DateTimeField):
    """A moment to the minute, sent in UTC; moment_input.js offers people their own zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(
            attrs={"type": "datetime-local", "data-utc": True}, format="%Y-%m-%dT%H:%M"
        )
        message = gettext_lazy("Give a day and a time, such as 2027-03-01 09:00.")
        super().__init__(
            widget=widget, required=False, error_messages={"invalid": message}, **kwargs
        )

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        # What names no zone is in UTC, whatever the site's own may be.
        return moment.replace(tzinfo=UTC) if moment else None

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


class ToggleForm(DashboardForm):
    """Everything about a toggle but its key."""

    enabled = forms.BooleanField(required=False, label=gettext_lazy("On"))
    # Its range is the service's to check.
    rollout = forms.IntegerField(
        widget=forms.NumberInput(attrs={"min": 1, "max": 100, "inputmode": "numeric"}),
        label=gettext_lazy("Share of visitors"),
        error_messages=dict.fromkeys(("invalid", "required"), toggles.SHARE_MESSAGE),
    )
    turns_on_at = MomentField(label=gettext_lazy("Turns on"))
    turns_off_at = MomentField(label=gettext_lazy("Turns off"))
    description = TextField(
        max_length=500,
        rows=3,
        required=False,
        label=gettext_lazy("Description"),
        help_text=DESCRIPTION_HELP,
    )
    reason = TextField(
        max_length=REASON_LENGTH,
        required=False,
        label=gettext_lazy("Why this change?"),
        help_text=gettext_lazy("Stands beside the toggle and in the history."),
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any, toggle: Toggle) -> None:
        super().__init__(data, initial=saved_values(toggle))
        self._toggle = toggle

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        # Of what somebody else changed meanwhile, they have said why.
        is_current = data.get("version") == self._toggle.version
        if is_current and FOR_VISITORS & set(self.changed_data) and not data.get("reason"):
            text = gettext("Say why in a few words: whoever comes by next will ask.")
            self.add_error("reason", text)
        return data

    def save(self) -> Toggle | None:
        """Save, or put what is wrong beside the field and return None. Raises EditConflict."""
        data = self.cleaned_data
        try:
            return toggles.update_toggle(
                toggle_id=self._toggle.pk,
                enabled=data["enabled"],
                rollout=data["rollout"],
                schedule=toggles.Schedule(data["turns_on_at"], data["turns_off_at"]),
                description=data["description"],
                reason=data["reason"],
                version=data["version"],
            )
        except ValidationError as error:
            self.add_error(None, error)
        return None


def saved_values(toggle: Toggle) -> dict[str, Any]:
    """Return what the form starts from; a toggle whose time is over is one that is off."""
    is_over = state_of(toggle, timezone.now()) is State.ENDED
    return {
        "enabled": toggle.enabled and not is_over,
        "rollout": toggle.rollout,
        "turns_on_at": None if is_over else _to_the_minute(toggle.turns_on_at),
        "turns_off_at": None if is_over else _to_the_minute(toggle.turns_off_at),
        "description": toggle.description,
        "version": toggle.version,
    }


def _to_the_minute(moment: datetime | None) -> datetime | None:
    return moment.replace(second=0, microsecond=0) if moment else None


class SwitchForm(forms.Form):
    """The state that is wanted, said in full so that a repeat changes nothing."""

    enabled = forms.ChoiceField(choices=[("on", "On"), ("off", "Off")])
    version = forms.IntegerField(min_value=0)

    @property
    def wants_on(self) -> bool:
        return bool(self.cleaned_data["enabled"] == "on")


class ReasonForm(DashboardForm):
    """Why a toggle was changed, said afterwards."""

    reason = TextField(
        max_length=REASON_LENGTH,
        label=gettext_lazy("Why?"),
        error_messages={"required": gettext_lazy("Say why in a few words.")},
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
