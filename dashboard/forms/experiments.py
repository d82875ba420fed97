"""The form of an experiment's variants, and the button that was pressed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.charts import Stripe, stripes
from dashboard.differences import Difference, variant_differences
from dashboard.forms import variants as rows
from dashboard.forms.variants import Row
from experiments import services
from experiments.lifecycle import Status
from experiments.models import Experiment
from experiments.models.phase import PhaseCause
from experiments.phases import causes_of_save

_CAUSES = {
    PhaseCause.SPLIT: gettext_lazy("the traffic split"),
    PhaseCause.CONTENT: gettext_lazy("what a variant shows"),
    PhaseCause.VARIANTS: gettext_lazy("the set of variants"),
}
INCOMPLETE = gettext_lazy("This form is incomplete. Reload the page and try again.")


class Press(StrEnum):
    """What the form is sent for. All but SAVE only change what the form shows."""

    SAVE = "save"
    ADD = "add"
    REMOVE = "remove"
    EVEN = "even"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Split:
    """The traffic split as typed: what it says, and how it looks."""

    gap: str
    total: int
    stripes: tuple[Stripe, ...]


class VariantsEditor:
    """An experiment's variants as one form, bound to what was sent or to what is saved."""

    def __init__(self, experiment: Experiment, data: QueryDict | None) -> None:
        self._data = data
        self.experiment = experiment
        self.version = experiment.version if data is None else data.get("version")
        self.conflict: list[Difference] | None = None
        self.refusals: list[str] = []
        # What opens a new phase, once somebody is to be asked about it.
        self.asked = ""
        self.press = next((p for p in Press if data is not None and p in data), Press.SAVE)
        if data is None:
            self._show(rows.rows_of(list(experiment.variants.all())))
        elif self.press is Press.SAVE:
            self.variants = rows.bound_rows(experiment, data)
        else:
            self._show(self._rows_pressed(data))

    @property
    def is_unsaved(self) -> bool:
        """Whether it shows what was sent instead of what is saved."""
        return self._data is not None

    @property
    def is_completed(self) -> bool:
        return self.experiment.status == Status.COMPLETED

    @property
    def is_running(self) -> bool:
        return self.experiment.is_running

    @property
    def may_add(self) -> bool:
        return len(self.variants.forms) < services.MAX_VARIANTS

    @property
    def variant_rows(self) -> list[tuple[rows.VariantForm, bool]]:
        """The variants' forms, each with whether it may go: saved ones only from a draft."""
        forms = list(self.variants.forms)
        has_spare = len(forms) > services.MIN_VARIANTS
        return [
            (form, has_spare and (not self.is_running or not form["id"].value())) for form in forms
        ]

    @property
    def causes(self) -> tuple[PhaseCause, ...]:
        """Why saving what was typed would open a new phase; empty where it wouldn't."""
        return causes_of_save(self.experiment, variants=rows.drafts_of(self.variants))

    @property
    def causes_text(self) -> str:
        """What was changed, for the sentence that asks about it."""
        return str(get_text_list([str(_CAUSES[cause]) for cause in self.causes], _("and")))

    def needs_confirmation(self) -> bool:
        """Whether a valid save opens a phase that nobody has said yes to; says so in the form."""
        self.asked = " ".join(self.causes)
        confirmed = "" if self._data is None else self._data.get("confirmed", "")
        return bool(self.asked) and confirmed != self.asked

    @property
    def split(self) -> Split:
        values = [form["weight"].value() for form in self.variants.forms]
        weights = [rows.weight_of(value) for value in values]
        return Split(gap=rows.split_gap(values), total=sum(weights), stripes=stripes(weights))

    def is_valid(self) -> bool:
        if not str(self.version or "").isdecimal():
            self.refusals = [str(INCOMPLETE)]
        return self.variants.is_valid() and not self.refusals

    @property
    def has_errors(self) -> bool:
        """Whether what was sent to be saved can't be."""
        return self.variants.is_bound and not self.variants.is_valid()

    def save(self) -> Experiment:
        """Save what is valid. Raises Refused and EditConflict."""
        return services.update_experiment(
            experiment_id=self.experiment.id,
            variants=rows.drafts_of(self.variants),
            version=int(self.version or 0),
        )

    def show_conflict(self, current: Experiment) -> None:
        """Show what somebody else saved meanwhile; saving again then knowingly replaces it.

        Only after is_valid. Also where it was completed meanwhile: what was typed is then at least
        to be read.
        """
        self.conflict = variant_differences(current, rows.drafts_of(self.variants))
        self.experiment, self.version = current, current.version

    def _rows_pressed(self, data: QueryDict) -> list[Row]:
        """Return the rows as typed, with what the pressed button does to them."""
        typed = rows.typed_rows(data)
        if self.press is Press.EVEN:
            return rows.with_even_split(typed)
        if self.press is Press.ADD and len(typed) < services.MAX_VARIANTS:
            return rows.with_row_added(typed)
        wanted = data.get(Press.REMOVE, "")
        if self.press is Press.REMOVE and wanted.isdecimal() and self._may_go(typed, int(wanted)):
            kept = [row for index, row in enumerate(typed) if index != int(wanted)]
            return kept if len(kept) >= services.MIN_VARIANTS else typed
        return typed

    def _may_go(self, typed: list[Row], index: int) -> bool:
        return not (self.is_running and index < len(typed) and bool(typed[index].get("id")))

    def _show(self, shown: list[Row]) -> None:
        self.variants = rows.fresh_rows(self.experiment, shown)
        if self.press is Press.ADD:
            # Whoever added a row goes on by naming it.
            self.variants.forms[-1].fields["name"].widget.attrs["autofocus"] = True
