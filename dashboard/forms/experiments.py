"""The experiment's form: its details, its variants, and the button that was pressed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django import forms
from django.http import QueryDict

from dashboard.charts import Stripe, stripes
from dashboard.differences import Difference, experiment_differences
from dashboard.forms import variants as rows
from dashboard.forms.fields import DashboardForm, TextField
from dashboard.forms.variants import Row, VariantFormSet
from experiments import services
from experiments.lifecycle import Status
from experiments.models import Experiment
from experiments.models.phase import PhaseCause
from experiments.phases import causes_of_save

INCOMPLETE = "This form is incomplete. Reload the page and try again."


class Press(StrEnum):
    """What the form is sent for. All but SAVE only change what the form shows."""

    SAVE = "save"
    ADD = "add"
    REMOVE = "remove"
    EVEN = "even"
    CHECK = "check"


class DetailsForm(DashboardForm):
    name = TextField(max_length=200, help_text="What you will call it in a year.")
    description = TextField(
        max_length=1000, rows=3, required=False, help_text="What you want to learn, and why."
    )


class TransitionForm(forms.Form):
    """What goes with a change of status: the version that was looked at, and the winner."""

    version = forms.IntegerField(required=False, min_value=0)
    winner = forms.UUIDField(
        required=False,
        error_messages={"invalid": "The winner must be one of the experiment's own variants."},
    )


@dataclass(frozen=True, slots=True)
class Split:
    """The traffic split as typed: what it says, and how it looks."""

    gap: str
    total: int
    stripes: tuple[Stripe, ...]


class ExperimentEditor:
    """Details and variants as one form, bound to what was sent or to what is saved."""

    def __init__(self, experiment: Experiment | None, data: QueryDict | None) -> None:
        self._data = data
        self.experiment = experiment
        self.status = Status(experiment.status) if experiment else Status.DRAFT
        saved_version = experiment.version if experiment else None
        self.version = saved_version if data is None else data.get("version")
        self.conflict: list[Difference] | None = None
        self.refusals: list[str] = []
        # What opens a new phase, once somebody is to be asked about it.
        self.asked = ""
        self.press = next((p for p in Press if data is not None and p in data), Press.SAVE)
        self.variants: rows.VariantForms | None = None
        if data is None:
            self._show(*self._saved())
        elif self.press is Press.SAVE:
            self.details = DetailsForm(data)
            if not self.is_completed:
                self.variants = VariantFormSet(data, prefix=rows.PREFIX)
        else:
            typed = {name: data.get(name) for name in DetailsForm.base_fields}
            self._show(typed, self._rows_pressed(data))

    @property
    def is_completed(self) -> bool:
        return self.status is Status.COMPLETED

    @property
    def is_running(self) -> bool:
        return self.status in (Status.ACTIVE, Status.PAUSED)

    @property
    def may_change_rows(self) -> bool:
        return not self.is_completed

    @property
    def may_add(self) -> bool:
        return self.may_change_rows and len(self._forms()) < services.MAX_VARIANTS

    @property
    def variant_rows(self) -> list[tuple[rows.VariantForm, bool]]:
        """The variants' forms, each with whether it may go: saved ones only from a draft."""
        forms = self._forms()
        has_spare = len(forms) > services.MIN_VARIANTS
        return [
            (form, has_spare and (not self.is_running or not form["id"].value())) for form in forms
        ]

    @property
    def causes(self) -> tuple[PhaseCause, ...]:
        """Why saving what was typed would open a new phase; empty where it wouldn't."""
        if self.experiment is None or self.variants is None:
            return ()
        return causes_of_save(self.experiment, variants=rows.drafts_of(self.variants))

    def needs_confirmation(self) -> bool:
        """Whether a valid save opens a phase that nobody has said yes to; says so in the form."""
        self.asked = " ".join(self.causes)
        confirmed = "" if self._data is None else self._data.get("confirmed", "")
        return bool(self.asked) and confirmed != self.asked

    @property
    def split(self) -> Split:
        values = [form["weight"].value() for form in self._forms()]
        weights = [rows.weight_of(value) for value in values]
        return Split(gap=rows.split_gap(values), total=sum(weights), stripes=stripes(weights))

    def is_valid(self) -> bool:
        """Check everything, so that all errors show at once."""
        if self.experiment and not str(self.version or "").isdecimal():
            self.details.add_error(None, INCOMPLETE)
        checked = [self.details.is_valid(), self.variants is None or self.variants.is_valid()]
        return all(checked)

    @property
    def has_errors(self) -> bool:
        """Whether what was sent to be saved can't be."""
        variants = self.variants
        return self.details.is_bound and not (
            self.details.is_valid() and (variants is None or variants.is_valid())
        )

    @property
    def error_sentences(self) -> list[str]:
        """What is wrong with the form as a whole; the fields say the rest."""
        of_set = [] if self.variants is None else list(self.variants.non_form_errors())
        return [*self.details.non_field_errors(), *of_set]

    def save(self) -> Experiment:
        """Save what is valid. Raises Refused, EditConflict and what they are raised for."""
        details = self.details.cleaned_data
        drafts = None if self.variants is None else rows.drafts_of(self.variants)
        if self.experiment is None:
            return services.create_experiment(**details, variants=drafts or [])
        return services.update_experiment(
            experiment_id=self.experiment.id,
            **details,
            variants=drafts,
            version=int(self.version or 0),
        )

    def refuse(self, sentence: str) -> None:
        """Show why nothing was saved, above what was typed."""
        self.refusals = [sentence]

    def show_conflict(self, current: Experiment) -> None:
        """Show what somebody else saved meanwhile; saving again then knowingly replaces it.

        Only after is_valid.
        """
        # Also where it was completed meanwhile: what was typed is then at least to be read.
        typed = VariantFormSet(self._data, prefix=rows.PREFIX)
        drafts = rows.drafts_of(typed) if typed.is_valid() else None
        self.conflict = experiment_differences(
            current, **self.details.cleaned_data, variants=drafts
        )
        self.experiment, self.version = current, current.version
        self.status = Status(current.status)
        if self.is_completed:
            self.variants = None

    def _forms(self) -> list[rows.VariantForm]:
        return [] if self.variants is None else list(self.variants.forms)

    def _saved(self) -> tuple[dict[str, Any], list[Row]]:
        if self.experiment is None:
            return {}, rows.first_rows()
        saved = {"name": self.experiment.name, "description": self.experiment.description}
        return saved, rows.rows_of(list(self.experiment.variants.all()))

    def _rows_pressed(self, data: QueryDict) -> list[Row]:
        """Return the rows as typed, with what the pressed button does to them."""
        typed = rows.typed_rows(data)
        if self.press is Press.EVEN:
            return rows.with_even_split(typed)
        if self.press is Press.ADD and self.may_change_rows and len(typed) < services.MAX_VARIANTS:
            return rows.with_row_added(typed)
        wanted = data.get(Press.REMOVE, "")
        if self.press is Press.REMOVE and wanted.isdecimal() and self._may_go(typed, int(wanted)):
            kept = [row for index, row in enumerate(typed) if index != int(wanted)]
            return kept if len(kept) >= services.MIN_VARIANTS else typed
        return typed

    def _may_go(self, typed: list[Row], index: int) -> bool:
        is_saved = self.is_running and index < len(typed) and bool(typed[index].get("id"))
        return self.may_change_rows and not is_saved

    def _show(self, details: dict[str, Any], shown: list[Row]) -> None:
        self.details = DetailsForm(initial=details)
        if not self.is_completed:
            self.variants = VariantFormSet(initial=shown, prefix=rows.PREFIX)
            if self.press is Press.ADD:
                # Whoever added a row goes on by naming it.
                self.variants.forms[-1].fields["name"].widget.attrs["autofocus"] = True
