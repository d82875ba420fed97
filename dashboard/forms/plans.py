"""The plan's form: what is expected, what is worth having, and how sure one wants to be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import sanitize_separators
from django.utils.translation import gettext_lazy as _

from dashboard.forms.fields import DashboardForm
from metrics import planning

POWERS = (
    ("0.7", _("7 in 10 (70 %)")),
    ("0.8", _("8 in 10 (80 %), the usual choice")),
    ("0.9", _("9 in 10 (90 %)")),
    ("0.95", _("19 in 20 (95 %)")),
)


class PercentField(forms.FloatField):
    """A share of 1 that people write in percent."""

    widget = forms.NumberInput(attrs={"inputmode": "decimal", "step": "any", "min": "0"})

    def to_python(self, value: Any) -> Any:
        # Also as the reader's language writes it: 3,2 %.
        typed = sanitize_separators(str(value).replace("%", "").strip()) if value else value
        percent = super().to_python(typed)
        return None if percent is None else percent / 100


def typed_percent(share: float) -> str:
    """Return a share as one types it into a PercentField, whatever the language."""
    return f"{share * 100:.6g}"


class PlanForm(DashboardForm):
    baseline_rate = PercentField(
        label=_("Baseline rate"),
        error_messages={"required": _("Give the rate that you expect of the control, above 0 %.")},
    )
    minimum_lift = PercentField(
        label=_("Smallest lift worth having"),
        help_text=_("Relative: 20 % is from a rate of 10 % to one of 12 %."),
        error_messages={"required": _("Give a lift above 0 %: smaller ones take more visitors.")},
    )
    power = forms.ChoiceField(
        label=_("How often a lift of that size should be found"), choices=POWERS
    )
    visitors_per_day = forms.FloatField(
        label=_("New visitors per day"),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any", "min": "0"}),
    )

    def show(self, impossible: planning.ImpossiblePlan) -> None:
        """Show beside each field what would be possible."""
        for field, sentence in impossible.problems.items():
            self.add_error(None if field == "__all__" else field, sentence)
