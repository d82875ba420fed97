"""The landing page as it would be: with given content, or as one variant shows it.

A preview has no tracker, sets no cookie and asks nobody who they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from experiments.content import DEFAULTS, content_errors
from experiments.keeper import keeper
from experiments.models import Variant
from experiments.snapshot import PageView, Snapshot, page_view
from landing.content import page_context
from landing.pages import EMPTY_FORM, SignUp, rendered


@dataclass(frozen=True, slots=True)
class Preview:
    """How a page says that it is one; in a frame what is around it does, and links are inert."""

    is_framed: bool = False
    variant: str = ""
    experiment: str = ""
    until: datetime | None = None


class Layer(StrEnum):
    """Where given content lies: above the page's texts, or in their place."""

    VARIANT = "variant"
    PAGE = "page"


def framed(
    page: PageView, content: Mapping[str, str], *, layer: Layer, experiment_id: UUID | None = None
) -> str:
    """Return the page with given content, for a frame in the dashboard.

    What a page couldn't show is left out. `experiment_id` is the one whose variant it is.
    """
    sound = {key: text for key, text in content.items() if not content_errors({key: text})}
    if layer is Layer.PAGE:
        page, sound = PageView(page.id, page.path, page.name, sound, page.slug), {}
    return _render(page, sound, experiment_id, Preview(is_framed=True), EMPTY_FORM)


def opened(variant: Variant, until: datetime, address: str, form: SignUp = EMPTY_FORM) -> str:
    """Return the page as a variant shows it, with a badge; `address` is where its form leads."""
    experiment = variant.experiment
    preview = Preview(variant=variant.name, experiment=experiment.name, until=until)
    page = page_view(experiment.page)
    return _render(page, variant.content, experiment.id, preview, form, address)


def _render(
    page: PageView,
    content: Mapping[str, str],
    experiment_id: UUID | None,
    preview: Preview,
    form: SignUp,
    address: str = "",
) -> str:
    snapshot = keeper.current()
    texts = {**_texts_beneath(snapshot, page, str(experiment_id or "")), **content}
    own: dict[str, Any] = {
        "home_url": "#main",
        "sign_up_url": address,
        "sign_up": form.worded(texts),
        "preview": preview,
    }
    return rendered(page_context(page, texts, snapshot.enabled_for()) | own)


def _texts_beneath(snapshot: Snapshot, page: PageView, experiment_id: str) -> dict[str, str]:
    """Return what lies beneath a variant: all but what its own experiment does to the page."""
    texts = {**DEFAULTS, **page.content}
    others = [
        other
        for other in snapshot.experiments.values()
        if other.page_id == page.id and other.id != experiment_id
    ]
    for other in others:
        if other.winner is not None:
            texts.update(other.winner.content)
    for other in others:
        if other.is_running and other.variants:
            texts.update(other.variants[0].content)
    return texts
