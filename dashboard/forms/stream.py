"""Which events of the last minutes to show."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.forms.fields import DashboardForm
from dashboard.stream import ONE
from experiments.models import Experiment
from metrics.recent import StreamFilter


class StreamForm(DashboardForm):
    experiment = forms.UUIDField(
        label=_("Experiment"),
        required=False,
        widget=forms.Select,
        error_messages={"invalid": _("Choose an experiment from the list.")},
    )
    type = forms.ChoiceField(
        label=_("Type"),
        required=False,
        choices=[("", _("All types")), *ONE.items()],
        error_messages={"invalid_choice": _("Choose a type from the list.")},
    )
    visitor = forms.UUIDField(
        label=_("Visitor"),
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        error_messages={
            "invalid": _(
                "That is no visitor’s id. It is in the visitor_id cookie of their browser."
            )
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        experiments = Experiment.objects.newest_first().values_list("pk", "name")
        widget = self.fields["experiment"].widget
        assert isinstance(widget, forms.Select)  # noqa: S101  (as declared above)
        widget.choices = [
            ("", _("All experiments")),
            *((str(pk), name) for pk, name in experiments),
        ]

    @property
    def wanted(self) -> StreamFilter:
        """What is looked for; of what can't be understood, nothing."""
        found = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return StreamFilter(
            visitor_id=found.get("visitor"),
            experiment_id=found.get("experiment"),
            event_type=found.get("type", ""),
        )

    @property
    def query(self) -> str:
        """The filter as the query of an address, in one spelling."""
        wanted = self.wanted
        values = {
            "experiment": wanted.experiment_id,
            "type": wanted.event_type,
            "visitor": wanted.visitor_id,
        }
        return urlencode({name: str(value) for name, value in values.items() if value})
