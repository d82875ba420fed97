"""The rows of an experiment's form: one form a variant, and the rules that hold across them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.forms.content import (
    ContentGroup,
    add_content_fields,
    content_of,
    groups_of,
    initial_of,
    typed_content,
)
from dashboard.forms.fields import DashboardForm, TextField
from dashboard.page_texts import texts_beneath
from experiments.models import Experiment, Variant
from experiments.services import MAX_VARIANTS, MIN_VARIANTS, VariantDraft

PREFIX = "variants"
WHOLE = 100


class VariantForm(DashboardForm):
    """One variant: name, description, share of visitors, and a field for each content key."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = TextField(label=gettext_lazy("Name"), max_length=100)
    description = TextField(label=gettext_lazy("Description"), max_length=500, required=False)
    weight = forms.IntegerField(
        label=gettext_lazy("Share of visitors"),
        min_value=0,
        max_value=WHOLE,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "required"),
            gettext_lazy("Give a whole percentage from 0 to 100."),
        ),
        # While typing, the server says by how much the shares miss 100 %.
        widget=forms.NumberInput(
            attrs={
                "inputmode": "numeric",
                "step": 1,
                "hx-post": "",
                "hx-trigger": "input changed delay:150ms",
                "hx-vals": '{"check": "1"}',
                "hx-target": "#split",
                "hx-swap": "innerHTML",
                "hx-sync": "this:replace",
                "hx-indicator": "#split",
            }
        ),
    )

    def __init__(self, *args: Any, beneath: Mapping[str, str], **kwargs: Any) -> None:
        """`beneath` has the text that each content key shows where this variant has none."""
        super().__init__(*args, **kwargs)
        add_content_fields(self, beneath=beneath)

    @property
    def content_groups(self) -> list[ContentGroup]:
        """The content fields, part of the page by part of the page."""
        return groups_of(self)

    @property
    def changed(self) -> int:
        """How many texts it has of its own, as the form stands."""
        return sum(group.changed for group in self.content_groups)

    @property
    def has_content_errors(self) -> bool:
        return self.is_bound and any(name.startswith("content_") for name in self.errors)

    @property
    def field_prefix(self) -> str:
        return f"{self.prefix}-"

    def draft(self) -> VariantDraft:
        """Return the variant that was typed. A blank text leaves its key out."""
        given = self.cleaned_data
        return VariantDraft(
            id=given["id"],
            name=given["name"],
            description=given["description"],
            weight=given["weight"],
            content=content_of(self),
        )


if TYPE_CHECKING:
    _FormSet = forms.BaseFormSet[VariantForm]
else:
    # Generic only to type checkers.
    _FormSet = forms.BaseFormSet
VariantForms: TypeAlias = _FormSet


class BaseVariantFormSet(_FormSet):
    """The rows together. Whole-split errors are the set's own; a repeated name is the row's."""

    default_error_messages: ClassVar = {
        "too_few_forms": gettext_lazy("An experiment has at least 2 variants."),
        "too_many_forms": gettext_lazy("An experiment has at most 10 variants."),
    }

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        # A row that was left blank is a mistake to point at, not one to skip.
        return {**super().get_form_kwargs(index), "empty_permitted": False}

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            name = form.cleaned_data.get("name", "").casefold()
            if name and name in seen:
                form.add_error("name", _("Another variant has this name; each needs its own."))
            seen.add(name)
        gap = split_gap([form.cleaned_data.get("weight") for form in self.forms])
        if gap:
            raise forms.ValidationError(_("The shares must sum to 100 %%: %(gap)s.") % {"gap": gap})


VariantFormSet = forms.formset_factory(
    VariantForm,
    formset=BaseVariantFormSet,
    extra=0,
    min_num=MIN_VARIANTS,
    max_num=MAX_VARIANTS,
    absolute_max=MAX_VARIANTS,
    validate_min=True,
    validate_max=True,
)

Row = dict[str, Any]


def bound_rows(experiment: Experiment, data: QueryDict) -> VariantForms:
    """Return the rows as they were sent, to be checked."""
    return VariantFormSet(data, prefix=PREFIX, form_kwargs=_context(experiment))


def fresh_rows(experiment: Experiment, shown: Sequence[Row]) -> VariantForms:
    """Return a form that shows these rows."""
    return VariantFormSet(initial=list(shown), prefix=PREFIX, form_kwargs=_context(experiment))


def rows_of(variants: Sequence[Variant]) -> list[Row]:
    """Return saved variants as the form's rows."""
    return [
        {
            "id": variant.id,
            "name": variant.name,
            "description": variant.description,
            "weight": variant.weight,
            **initial_of(variant.content),
        }
        for variant in variants
    ]


def drafts_of(variants: VariantForms) -> list[VariantDraft]:
    """Return the valid rows as the services take them."""
    return [form.draft() for form in variants.forms]


def typed_rows(data: QueryDict) -> list[Row]:
    """Return the rows as typed, unchecked, so that nothing is lost when a row comes or goes."""
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    number = min(int(total), MAX_VARIANTS) if total.isascii() and total.isdigit() else 0
    return [_typed_row(data, f"{PREFIX}-{index}-") for index in range(number)]


def _typed_row(data: QueryDict, prefix: str) -> Row:
    own = {name: data.get(f"{prefix}{name}", "") for name in VariantForm.base_fields}
    return {**own, **typed_content(data, prefix)}


def _context(experiment: Experiment) -> dict[str, Any]:
    return {"beneath": texts_beneath(experiment.page)}


def with_row_added(rows: Sequence[Row]) -> list[Row]:
    """Return the rows and one more, named with the next free letter and without visitors yet."""
    taken = {str(row.get("name", "")).casefold() for row in rows}
    names = (_("Variant %(name)s") % {"name": letter} for letter in "ABCDEFGHIJKL")
    free = next((name for name in names if name.casefold() not in taken), "")
    return [*rows, {"name": free, "weight": 0}]


def with_even_split(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with equal shares; the first ones take what doesn't divide."""
    share, rest = divmod(WHOLE, max(1, len(rows)))
    return [{**row, "weight": share + (index < rest)} for index, row in enumerate(rows)]


def weight_of(value: object) -> int:
    """Return a typed share as a number, 0 where it isn't one."""
    text = str(value).strip() if value is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0


def split_gap(values: Sequence[object]) -> str:
    """Say by how much typed shares miss 100 %; nothing where they don't."""
    total = sum(weight_of(value) for value in values)
    if total < WHOLE:
        return _("%(gap)s %% left to give out") % {"gap": WHOLE - total}
    return _("%(gap)s %% too much") % {"gap": total - WHOLE} if total > WHOLE else ""
