"""The form that completes an experiment, and what goes with every change of status."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.decisions import Choice, Question
from dashboard.forms.fields import DashboardForm, TextField


class DecisionForm(DashboardForm):
    """What is decided on a question, why, and at which version it was looked at."""

    choice = forms.ChoiceField(
        label=_("Decision"),
        error_messages={
            "required": _("Choose what becomes of the experiment."),
            "invalid_choice": _("Choose one of the decisions that are offered."),
        },
    )
    note = TextField(
        label=_("Note"),
        max_length=1000,
        rows=3,
        required=False,
        help_text=_("Why, and what you learned. It stands beside the results for good."),
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, question: Question, data: Any = None) -> None:
        advised = next((c.value for c in question.choices if c.is_advised), None)
        super().__init__(data, initial={"choice": advised, "version": question.experiment.version})
        self._choices = {choice.value: choice for choice in question.choices}
        self.fields["choice"].choices = [(c.value, c.label) for c in question.choices]  # type: ignore[attr-defined]  # a ChoiceField has them

    @property
    def chosen(self) -> Choice:
        """What was chosen in a valid form."""
        return self._choices[self.cleaned_data["choice"]]


class VersionForm(forms.Form):
    """The version that was looked at, which goes with a change of status."""

    version = forms.IntegerField(required=False, min_value=0)
