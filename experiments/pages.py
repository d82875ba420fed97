"""Writes to landing pages. Each is one transaction: all of it happens, or none."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experiments import store
from experiments.addresses import slug_problem
from experiments.content import content_errors
from experiments.keeper import keeper
from experiments.models import Page
from experiments.writing import EditConflict, Refused

HOME = {"slug": "home", "name": "Home"}


@transaction.atomic
def home_page() -> Page:
    """Return the page at `/`; an installation that has none, having been emptied, gets one."""
    page = Page.objects.filter(is_home=True).first()
    if page is None:
        # Two processes that both find none would each make one.
        store.lock_configuration()
        page, _made = Page.objects.get_or_create(is_home=True, defaults=HOME)
    return page


@transaction.atomic
def create_page(*, name: str, slug: str, content: Mapping[str, str] | None = None) -> Page:
    """Make a page at `/<slug>/`. Raises ValidationError by field, and Refused for its texts."""
    store.lock_configuration()
    page = Page(name=name, slug=slug)
    _write(page, content=content or {})
    return page


@transaction.atomic
def update_page(
    *,
    page_id: UUID,
    name: str | None = None,
    slug: str | None = None,
    content: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Page:
    """Change what is given and leave the rest; `content` replaces all of the page's texts.

    `version` is what the editor has read; None saves whatever others did meanwhile. Raises
    Page.DoesNotExist, EditConflict, ValidationError by field, and Refused for texts.
    """
    page = _locked(page_id, version)
    page.name = page.name if name is None else name
    page.slug = page.slug if slug is None else slug
    _write(page, content=page.content if content is None else content)
    return page


@transaction.atomic
def make_home(*, page_id: UUID, version: int | None = None) -> Page:
    """Put a page at `/`. The one that stood there moves to `/<its slug>/`, experiments and all.

    Raises Page.DoesNotExist and EditConflict.
    """
    page = _locked(page_id, version)
    if page.is_home:
        return page
    for other in Page.objects.filter(is_home=True):
        other.is_home = False
        _save(other)
    page.is_home = True
    _save(page)
    return page


@transaction.atomic
def delete_page(*, page_id: UUID) -> None:
    """Delete a page that nothing depends on. Raises Page.DoesNotExist and Refused."""
    page = _locked(page_id)
    if page.is_home:
        raise Refused(
            _("“%(page)s” stands at “/”. Put another page there first.") % {"page": page.name}
        )
    number = page.experiments.count()
    if number:
        raise Refused(
            ngettext(
                "%(number)s experiment is about “%(page)s”, and keeps its results. "
                "The page has to stay.",
                "%(number)s experiments are about “%(page)s”, and keep their results. "
                "The page has to stay.",
                number,
            )
            % {"number": number, "page": page.name}
        )
    page.delete()
    transaction.on_commit(keeper.refresh_quietly)


def _locked(page_id: UUID, version: int | None = None) -> Page:
    # Like all writes to the configuration one at a time: an experiment may be about to name it.
    store.lock_configuration()
    page = Page.objects.get(pk=page_id)
    if version is not None and version != page.version:
        raise EditConflict(
            _(
                "Somebody else saved this page while you were editing. Nothing of yours was "
                "saved: compare with the current state, then save again."
            )
        )
    return page


def _write(page: Page, *, content: Mapping[str, str]) -> None:
    for wrong in content_errors(content).values():
        raise Refused(wrong)
    page.content = dict(content)
    page.full_clean(validate_unique=False)
    problem = slug_problem(page.slug)
    if Page.objects.filter(slug=page.slug).exclude(pk=page.pk).exists():
        problem = _("Another page has this address; each needs its own.")
    if problem:
        raise ValidationError({"slug": problem})
    _save(page)


def _save(page: Page) -> None:
    """Save, so that other editors are told and the next page view shows it."""
    if not page._state.adding:
        page.version += 1
    page.updated_at = timezone.now()
    page.save()
    transaction.on_commit(keeper.refresh_quietly)
