"""What a landing page says by itself, before a running experiment changes it."""

from __future__ import annotations

from experiments.content import DEFAULTS
from experiments.keeper import keeper
from experiments.models import Page


def texts_beneath(page: Page) -> dict[str, str]:
    """Return {content key: text}: what a variant that leaves a text alone shows.

    What completed experiments left behind stands above the page's own texts, and those above the
    defaults.
    """
    snapshot = keeper.current()
    view = snapshot.pages.get(page.path)
    settled = snapshot.settled_content(view) if view is not None else {}
    return {**DEFAULTS, **page.content, **settled}
