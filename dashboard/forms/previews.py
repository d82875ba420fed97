"""For how long a preview's link works."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from dashboard.forms.fields import DashboardForm

HOUR, DAY, WEEK = 1, 24, 7 * 24


class PreviewLinkForm(DashboardForm):
    hours = forms.TypedChoiceField(
        coerce=int,
        required=False,
        empty_value=str(DAY),
        choices=[
            (HOUR, gettext_lazy("1 hour")),
            (DAY, gettext_lazy("1 day")),
            (WEEK, gettext_lazy("7 days")),
        ],
        initial=DAY,
        label=gettext_lazy("The link works for"),
    )

    def hours_or_default(self) -> int:
        """Return what was chosen; a day where nothing sensible was."""
        return int(self.cleaned_data["hours"]) if self.is_valid() else DAY
