"""The landing pages' forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from dashboard.differences import Difference
from dashboard.forms.content import (
    ContentGroup,
    add_content_fields,
    content_of,
    groups_of,
    initial_of,
)
from dashboard.forms.fields import DashboardForm, TextField
from dashboard.page_differences import page_differences
from experiments import pages
from experiments.content import DEFAULTS
from experiments.models import Page
from experiments.services import EditConflict, Refused

LONGEST_SLUG = 60


class _PageForm(DashboardForm):
    name = TextField(
        max_length=100,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What your team calls it; visitors don’t see it."),
    )
    slug = TextField(
        max_length=LONGEST_SLUG,
        required=False,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy(
            "Lower-case letters, digits and hyphens, such as spring-offer. Left blank, it is made "
            "from the name."
        ),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("slug") and data.get("name"):
            data["slug"] = slugify(data["name"])[:LONGEST_SLUG].strip("-_").replace("_", "-")
        return data

    def _written(self, write: Callable[..., Page], **given: Any) -> Page | None:
        """Write, or put what is wrong beside its field and return None. Raises EditConflict."""
        data = self.cleaned_data
        try:
            return write(name=data["name"], slug=data["slug"], **given)
        except ValidationError as error:
            self.add_error(None, error)
        return None


class NewPageForm(_PageForm):
    """A page's name, its address, and the texts that it begins with."""

    source = forms.ModelChoiceField(
        Page.objects.all(),
        required=False,
        label=gettext_lazy("Begin with the texts of"),
        empty_label=gettext_lazy("the sample page"),
    )

    def save(self) -> Page | None:
        source = self.cleaned_data["source"]
        return self._written(pages.create_page, content=source.content if source else {})


class PageForm(_PageForm):
    """Everything about a page: name, address, and a field for each of its texts."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any, page: Page) -> None:
        saved = {"name": page.name, "slug": page.slug, "version": page.version}
        super().__init__(data, initial=saved | initial_of(page.content))
        self._page = page
        add_content_fields(self, beneath=DEFAULTS)

    @property
    def content_groups(self) -> list[ContentGroup]:
        return groups_of(self)

    def save(self) -> Page | None:
        """Save, or put what is wrong beside its field and return None. Raises EditConflict."""
        try:
            return self._written(
                pages.update_page,
                page_id=self._page.pk,
                content=content_of(self),
                version=self.cleaned_data["version"],
            )
        except EditConflict:
            raise
        except Refused as refusal:
            self.add_error(None, str(refusal))
        return None

    def differences(self, current: Page) -> list[Difference]:
        """Return where a page, as somebody else saved it, differs from what was typed."""
        data = self.cleaned_data
        return page_differences(
            current, name=data["name"], slug=data["slug"], content=content_of(self)
        )
