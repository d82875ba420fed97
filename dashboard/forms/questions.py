"""What an experiment is to find out: its question, hypothesis and name, and on which page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.differences import Difference, question_differences
from dashboard.forms.fields import DashboardForm, TextField
from dashboard.hypothesis import Hypothesis, parts_of
from experiments import services
from experiments.lifecycle import Status
from experiments.models import Experiment, Page
from experiments.services import VariantDraft

NAME_LENGTH = 200
UNNAMED = gettext_lazy("Experiment without a name")
INCOMPLETE = gettext_lazy("This form is incomplete. Reload the page and try again.")
# While one types, the server says what the experiment would be called.
_SUGGESTS = {
    "hx-post": "",
    "hx-trigger": "input changed delay:300ms",
    "hx-vals": '{"suggest": "1"}',
    "hx-target": "#suggestion",
    "hx-swap": "innerHTML",
    "hx-sync": "this:replace",
    "hx-indicator": "#suggestion",
}


def first_variants() -> list[VariantDraft]:
    """Return what a new experiment begins with."""
    return [VariantDraft(_("Control"), 50), VariantDraft(_("Variant A"), 50)]


class NameForm(DashboardForm):
    name = TextField(label=gettext_lazy("Name"), max_length=NAME_LENGTH)


class QuestionForm(DashboardForm):
    """All of it while the experiment is a draft; later what doesn't bear on its results."""

    description = TextField(
        label=gettext_lazy("What do you want to learn?"),
        max_length=1000,
        rows=2,
        required=False,
        help_text=gettext_lazy("A question that the result can answer."),
        placeholder=gettext_lazy("Does it help to say what the product is for?"),
    )
    change = TextField(
        label=gettext_lazy("If we …"),
        max_length=300,
        required=False,
        placeholder=gettext_lazy("name the hour when work ends in the headline"),
    )
    effect = TextField(
        label=gettext_lazy("then …"),
        max_length=300,
        required=False,
        placeholder=gettext_lazy("more visitors sign up"),
    )
    reason = TextField(
        label=gettext_lazy("because …"),
        max_length=300,
        required=False,
        placeholder=gettext_lazy("they see at once what they get"),
    )
    hypothesis = TextField(
        label=gettext_lazy("Hypothesis"), max_length=1000, rows=3, required=False
    )
    name = TextField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        required=False,
        help_text=gettext_lazy("What you will call it in a year."),
    )
    page = forms.ModelChoiceField(
        label=gettext_lazy("Landing page"),
        queryset=Page.objects.none(),
        empty_label=None,
        help_text=gettext_lazy("Whose visitors take part."),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the pages.")},
    )

    def __init__(self, experiment: Experiment | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_draft = experiment is None or experiment.status == Status.DRAFT
        kept = parts_of(experiment.hypothesis) if experiment else Hypothesis()
        unused = {"hypothesis"} if kept is not None else {*Hypothesis._fields}
        if not is_draft:
            unused |= {*Hypothesis._fields, "hypothesis", "page"}
        pages = self.fields["page"]
        assert isinstance(pages, forms.ModelChoiceField)  # noqa: S101  (tells the type checker)
        pages.queryset = Page.objects.all()
        if "page" not in unused and pages.queryset.count() < 2:
            unused.add("page")
        for field in unused:
            del self.fields[field]
        if self.has_parts:
            self.fields["change"].widget.attrs |= _SUGGESTS

    @property
    def has_parts(self) -> bool:
        return "change" in self.fields


@dataclass(frozen=True, slots=True)
class Renaming:
    """A new name as typed. `theirs` is what somebody else called it meanwhile."""

    form: NameForm
    version: object
    was: str
    theirs: str = ""


class QuestionEditor:
    """The form, bound to what was sent or to what is saved."""

    def __init__(self, experiment: Experiment | None, data: QueryDict | None) -> None:
        self.experiment = experiment
        self.conflict: list[Difference] | None = None
        self.refusals: list[str] = []
        # A form that is sent twice, after going back, say, makes one experiment.
        self.draft_id = _uuid(data.get("draft") if data else None) or uuid4()
        saved = experiment.version if experiment else None
        self.version = saved if data is None else data.get("version")
        self.form = QuestionForm(experiment, data, initial=_initial(experiment))

    @property
    def is_draft(self) -> bool:
        return self.experiment is None or self.experiment.status == Status.DRAFT

    @property
    def has_errors(self) -> bool:
        return self.form.is_bound and not self.form.is_valid()

    @property
    def suggested_name(self) -> str:
        """What it will be called if nobody names it; "" while there is nothing to name it by."""
        if not self.form.has_parts:
            return ""
        return Hypothesis(change=str(self.form["change"].value() or "")).suggested_name

    def is_valid(self) -> bool:
        if self.experiment and not str(self.version or "").isdecimal():
            self.form.add_error(None, str(INCOMPLETE))
        return self.form.is_valid()

    def save(self) -> Experiment:
        """Save what is valid. Raises Refused and EditConflict."""
        values = self._values()
        if self.experiment is not None:
            version = int(self.version or 0)
            return services.update_experiment(
                experiment_id=self.experiment.id, version=version, **values
            )
        if Experiment.objects.filter(pk=self.draft_id).exists():
            return services.update_experiment(experiment_id=self.draft_id, **values)
        return services.create_experiment(
            experiment_id=self.draft_id, variants=first_variants(), **values
        )

    def show_conflict(self, current: Experiment) -> None:
        """Show what somebody else saved meanwhile; saving again then knowingly replaces it."""
        self.conflict = question_differences(current, **self._values())
        self.experiment, self.version = current, current.version

    def _values(self) -> dict[str, Any]:
        given = dict(self.form.cleaned_data)
        if self.form.has_parts:
            hypothesis = Hypothesis(*(given.pop(part) for part in Hypothesis._fields))
            given["hypothesis"] = hypothesis.text
            given["name"] = given["name"] or hypothesis.suggested_name
        given["name"] = given["name"] or (self.experiment.name if self.experiment else str(UNNAMED))
        return given


def _initial(experiment: Experiment | None) -> dict[str, Any]:
    if experiment is None:
        return {"page": Page.objects.filter(is_home=True).first()}
    return {
        "name": experiment.name,
        "description": experiment.description,
        "hypothesis": experiment.hypothesis,
        "page": experiment.page_id,
        **(parts_of(experiment.hypothesis) or Hypothesis())._asdict(),
    }


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
