"""What of the history to show."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from dashboard.forms.fields import DashboardForm
from dashboard.history.changes import actor_text
from experiments import audit, roles
from experiments.audit import AuditFilter
from experiments.models import Experiment
from experiments.models.audit import AuditedKind

# Viewers have no page of these either.
FOR_EDITORS = (AuditedKind.TOKEN, AuditedKind.PERSON, AuditedKind.INVITATION)
WRONG_DAY = _("Give a day as year-month-day, such as 2026-03-31.")


class _DayField(forms.DateField):
    def __init__(self, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": WRONG_DAY},
        )


class HistoryForm(DashboardForm):
    experiment = forms.UUIDField(
        label=_("Experiment"),
        required=False,
        widget=forms.Select,
        error_messages={"invalid": _("Choose an experiment from the list.")},
    )
    kind = forms.ChoiceField(
        label=_("What"),
        required=False,
        error_messages={"invalid_choice": _("Choose what to show from the list.")},
    )
    who = forms.CharField(label=_("Who"), required=False, widget=forms.Select, max_length=200)
    first = _DayField(_("From"))
    last = _DayField(_("To"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._hidden = () if roles.can_edit(user) else FOR_EDITORS
        kinds = [
            (value, label) for value, label in AuditedKind.choices if value not in self._hidden
        ]
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101  (as declared above)
        kind.choices = [("", _("Everything")), *kinds]
        experiments = Experiment.objects.newest_first().values_list("pk", "name")
        self._offer(
            "experiment", _("All experiments"), [(str(pk), name) for pk, name in experiments]
        )
        self._offer(
            "who",
            _("Everybody"),
            [(f"{kind}:{name}", actor_text(kind, name)) for kind, name in audit.actors()],
        )

    def _offer(self, field: str, everything: Any, choices: list[tuple[str, str]]) -> None:
        widget = self.fields[field].widget
        assert isinstance(widget, forms.Select)  # noqa: S101  (as declared above)
        widget.choices = [("", everything), *choices]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day is before the first."))
        return cleaned

    def wanted(self) -> AuditFilter:
        """Return what a valid form asks for."""
        given = self.cleaned_data
        kind, _colon, name = given["who"].partition(":")
        return AuditFilter(
            experiment_id=given["experiment"],
            kind=given["kind"],
            actor_kind=kind,
            actor_name=name,
            first=given["first"],
            last=given["last"],
            hidden=tuple(kind.value for kind in self._hidden),
        )
