"""What of the list of experiments to show, as its address says it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.forms.fields import DashboardForm
from experiments.lifecycle import Status
from experiments.listing import ARCHIVED, ListFilter, Sort
from experiments.models import Page

LONGEST = 100


class ListForm(DashboardForm):
    """The filter; a value that isn't offered counts as none, as addresses are typed by hand too."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "placeholder": _("Name or hypothesis"),
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )
    status = forms.ChoiceField(label=_("Status"), required=False)
    page = forms.ChoiceField(label=_("Landing page"), required=False)
    sort = forms.ChoiceField(label=_("Sorted"), choices=Sort.choices, required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        pages = [(page.slug, page.name) for page in Page.objects.all()]
        offered: dict[str, list[tuple[str, Any]]] = {
            "status": [
                ("", _("All but archived")),
                *((status.value, status.label) for status in Status),
                (ARCHIVED, _("Archived")),
            ],
            "page": [("", _("All pages")), *pages],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  (tells the type checker)
            field.choices = choices
        if len(pages) < 2:
            del self.fields["page"]

    def wanted(self) -> ListFilter:
        self.full_clean()
        given = self.cleaned_data
        return ListFilter(
            text=" ".join(given.get("q", "").split()),
            status=given.get("status", ""),
            page=given.get("page", ""),
            sort=Sort(given.get("sort") or Sort.NEWEST),
        )


def query_of(wanted: ListFilter, number: int | None = None) -> str:
    """Return the address's query that says this, and nothing that goes without saying."""
    said = {
        "q": wanted.text,
        "status": wanted.status,
        "page": wanted.page,
        "sort": "" if wanted.sort == Sort.NEWEST else wanted.sort.value,
        "at": str(number) if number and number > 1 else "",
    }
    return "?" + urlencode({name: value for name, value in said.items() if value})
