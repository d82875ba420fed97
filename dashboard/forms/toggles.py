"""The toggles' forms."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from dashboard.forms.fields import DashboardForm, TextField
from experiments import toggles
from experiments.models import Toggle

TAKEN = "A toggle with this key exists. Keys are used once."
DESCRIPTION_HELP = "What visitors see when it is on."


class NewToggleForm(DashboardForm):
    key = TextField(
        max_length=64,
        help_text="The name that the page asks for: lower-case letters, digits and underscores.",
        error_messages={"required": "Give the toggle a key, such as show_hero_banner."},
    )
    description = TextField(max_length=500, rows=3, required=False, help_text=DESCRIPTION_HELP)
    enabled = forms.BooleanField(required=False, label="On from the start")

    def save(self) -> Toggle | None:
        """Make the toggle, or put what is wrong beside the field and return None."""
        try:
            return toggles.create_toggle(**self.cleaned_data)
        except ValidationError as error:
            for field, problems in error.error_dict.items():
                for problem in problems:
                    self.add_error(field, TAKEN if problem.code == "unique" else problem)
        except IntegrityError:
            # Somebody else's toggle of this key was saved between the check and the write.
            self.add_error("key", TAKEN)
        return None


class DescribeToggleForm(DashboardForm):
    description = TextField(max_length=500, rows=3, required=False, help_text=DESCRIPTION_HELP)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class SwitchForm(forms.Form):
    """The state that is wanted, said in full so that a repeat changes nothing."""

    enabled = forms.ChoiceField(choices=[("on", "On"), ("off", "Off")])
    version = forms.IntegerField(min_value=0)

    @property
    def wants_on(self) -> bool:
        return bool(self.cleaned_data["enabled"] == "on")
