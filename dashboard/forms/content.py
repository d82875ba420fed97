"""Fields for the landing page's texts: a page's own, or what a variant puts above them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from dashboard.forms.fields import TextField
from experiments import content_sections
from experiments.content import CONTENT_KEYS, KEYS

PREFIX = "content_"
Beneath = Mapping[str, str]


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


@dataclass(frozen=True, slots=True)
class SectionRow:
    """One section in the list: whether it is shown, at which place, and whether that may change."""

    name: str
    label: str
    place: int
    is_shown: bool
    may_hide: bool
    may_move: bool


class SectionsWidget(forms.Widget):
    """A checkbox and a place for each section; as text, the list that they come to."""

    template_name = "dashboard/sections.html"
    use_fieldset = True
    is_sections = True

    def __init__(self, beneath: str = "") -> None:
        super().__init__()
        self.beneath = beneath

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        shown = content_sections.sections_in(str(value or "") or self.beneath)
        order = [*shown, *(s for s in content_sections.SECTIONS if s not in shown)]
        rows = [
            SectionRow(
                name=section,
                label=gettext(content_sections.SECTIONS[section]),
                place=place,
                is_shown=section in shown,
                may_hide=section not in (content_sections.FIRST, content_sections.NEEDED),
                may_move=section != content_sections.FIRST,
            )
            for place, section in enumerate(order, start=1)
        ]
        context["widget"] |= {
            "rows": rows,
            "places": range(2, len(rows) + 1),
            "beneath": self.beneath,
        }
        return context

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,  # noqa: ARG002  (Django names it)
    ) -> SafeString:
        # Forms' own renderer doesn't know the project's templates.
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def value_from_datadict(
        self,
        data: Mapping[str, Any],
        files: Any,  # noqa: ARG002  (Django names it)
        name: str,
    ) -> str:
        arranged = content_sections.arranged(data, name)
        return str(data.get(name) or "") if arranged is None else arranged


class SectionsField(forms.CharField):
    """The page's sections, in order; empty where they are what lies beneath."""

    widget = SectionsWidget

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (problem := content_sections.sections_problem(value)):
            raise ValidationError(problem)


def add_content_fields(form: forms.Form, *, beneath: Beneath) -> None:
    """Give a form a field for every content key; one left blank shows what lies beneath."""
    for entry in CONTENT_KEYS:
        text = beneath.get(entry.key, entry.default)
        form.fields[f"{PREFIX}{entry.key}"] = (
            SectionsField(label=entry.label, required=False, widget=SectionsWidget(text))
            if entry.key == content_sections.KEY
            else TextField(
                label=entry.label,
                max_length=entry.max_length,
                required=False,
                rows=3 if entry.is_long else 0,
                # By its placeholder a browser tells a field that is blank.
                placeholder=text or " ",
            )
        )


def groups_of(form: forms.Form) -> list[ContentGroup]:
    """Return the content fields, part of the page by part of the page."""
    return [
        ContentGroup(label, [form[f"{PREFIX}{entry.key}"] for entry in entries])
        for label, entries in groupby(CONTENT_KEYS, key=attrgetter("group"))
    ]


def content_of(form: forms.Form) -> dict[str, str]:
    """Return the texts of a valid form; a blank one leaves its key out."""
    texts = {key: form.cleaned_data[f"{PREFIX}{key}"] for key in KEYS}
    return {key: text for key, text in texts.items() if text}


def initial_of(content: Mapping[str, str]) -> dict[str, str]:
    """Return saved texts as a form's initial values."""
    return {f"{PREFIX}{key}": text for key, text in content.items()}


def typed_content(data: Mapping[str, str], prefix: str = "") -> dict[str, str]:
    """Return the texts as typed, unchecked, as a form's initial values."""
    typed = {f"{PREFIX}{key}": data.get(f"{prefix}{PREFIX}{key}", "") for key in KEYS}
    name = f"{PREFIX}{content_sections.KEY}"
    return {**typed, name: SectionsWidget().value_from_datadict(data, {}, prefix + name)}
