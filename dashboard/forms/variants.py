"""The rows of an experiment's form: one form a variant, and the rules that hold across them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from django import forms

from dashboard.forms.fields import DashboardForm, TextField
from experiments.content import CONTENT_KEYS
from experiments.models import Variant
from experiments.services import MAX_VARIANTS, MIN_VARIANTS, VariantDraft

PREFIX = "variants"
WHOLE = 100


@dataclass(frozen=True, slots=True)
class ContentGroup:
    """The texts of one part of the page, as fields."""

    label: str
    fields: list[forms.BoundField]

    @property
    def changed(self) -> int:
        """How many of them have something in them, as the form stands."""
        return sum(1 for field in self.fields if str(field.value() or "").strip())

    @property
    def is_open(self) -> bool:
        """Whether there is something to see: a text, or an error."""
        return bool(self.changed) or any(
            field.form.is_bound and field.errors for field in self.fields
        )


class VariantForm(DashboardForm):
    """One variant: name, description, share of visitors, and a field for each content key."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = TextField(max_length=100)
    description = TextField(max_length=500, required=False)
    weight = forms.IntegerField(
        label="Share of visitors",
        min_value=0,
        max_value=WHOLE,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "required"),
            "Give a whole percentage from 0 to 100.",
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for entry in CONTENT_KEYS:
            self.fields[f"content_{entry.key}"] = TextField(
                label=entry.label,
                max_length=entry.max_length,
                required=False,
                rows=3 if entry.is_long else 0,
                placeholder=entry.default,
            )

    @property
    def content_groups(self) -> list[ContentGroup]:
        """The content fields, part of the page by part of the page."""
        return [
            ContentGroup(label, [self[f"content_{entry.key}"] for entry in entries])
            for label, entries in groupby(CONTENT_KEYS, key=attrgetter("group"))
        ]

    def draft(self) -> VariantDraft:
        """Return the valid form as the services take it; a blank text keeps the page's default."""
        given = self.cleaned_data
        texts = {entry.key: given[f"content_{entry.key}"] for entry in CONTENT_KEYS}
        return VariantDraft(
            id=given["id"],
            name=given["name"],
            description=given["description"],
            weight=given["weight"],
            content={key: text for key, text in texts.items() if text},
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
        "too_few_forms": f"An experiment has at least {MIN_VARIANTS} variants.",
        "too_many_forms": f"An experiment has at most {MAX_VARIANTS} variants.",
    }

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        # A row that was left blank is a mistake to point at, not one to skip.
        return {**super().get_form_kwargs(index), "empty_permitted": False}

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            name = form.cleaned_data.get("name", "").casefold()
            if name and name in seen:
                form.add_error("name", "Another variant has this name; each needs its own.")
            seen.add(name)
        gap = split_gap([form.cleaned_data.get("weight") for form in self.forms])
        if gap:
            raise forms.ValidationError(f"The shares must sum to 100 %: {gap}.")


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


def rows_of(variants: Sequence[Variant]) -> list[Row]:
    """Return saved variants as the form's rows."""
    return [
        {
            "id": variant.id,
            "name": variant.name,
            "description": variant.description,
            "weight": variant.weight,
            **{f"content_{key}": text for key, text in variant.content.items()},
        }
        for variant in variants
    ]


def drafts_of(variants: VariantForms) -> list[VariantDraft]:
    """Return the valid rows as the services take them."""
    return [form.draft() for form in variants.forms]


def first_rows() -> list[Row]:
    """Return the rows that a new experiment's form begins with."""
    return [{"name": "Control", "weight": 50}, {"name": "Variant A", "weight": 50}]


def typed_rows(data: Mapping[str, str]) -> list[Row]:
    """Return the rows as typed, unchecked, so that nothing is lost when a row comes or goes."""
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    number = min(int(total), MAX_VARIANTS) if total.isascii() and total.isdigit() else 0
    names = [*VariantForm.base_fields, *(f"content_{entry.key}" for entry in CONTENT_KEYS)]
    return [
        {name: data.get(f"{PREFIX}-{index}-{name}", "") for name in names}
        for index in range(number)
    ]


def with_row_added(rows: Sequence[Row]) -> list[Row]:
    """Return the rows and one more, named with the next free letter and without visitors yet."""
    taken = {str(row.get("name", "")).casefold() for row in rows}
    names = (f"Variant {letter}" for letter in "ABCDEFGHIJKL")
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
        return f"{WHOLE - total} % left to give out"
    return f"{total - WHOLE} % too much" if total > WHOLE else ""
