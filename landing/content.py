"""What the page says to a visitor: defaults, then what was decided, then what is being tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.content import DEFAULTS
from experiments.content_sections import KEY, sections_in
from experiments.snapshot import PageView, Snapshot, VariantView
from landing.visits import Visit

# The sections that the toggle enable_social_proof shows.
SOCIAL_PROOF = frozenset({"figures", "social_proof"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A variant on the page. `is_tracked` where it is the visitor's own and events are reported."""

    experiment_id: str
    variant: VariantView
    is_tracked: bool

    @property
    def key(self) -> tuple[str, bool]:
        return self.variant.id, self.is_tracked


def shown_in(visit: Visit) -> tuple[Shown, ...]:
    """Return the variant that each running experiment shows: the visitor's own, or the control."""
    return tuple(
        Shown(
            experiment.id,
            visit.variants.get(experiment.id) or experiment.variants[0],
            visit.is_tracked and experiment.id in visit.variants,
        )
        for experiment in visit.snapshot.running_on(visit.page)
        if experiment.variants
    )


def texts_for(snapshot: Snapshot, page: PageView, shown: tuple[Shown, ...]) -> dict[str, str]:
    """Return {content key: text}.

    Running experiments stand above what completed ones left, that above the page's own texts, and
    all above the defaults.
    """
    texts = {**DEFAULTS, **page.content, **snapshot.settled_content(page)}
    for choice in shown:
        texts.update(choice.variant.content)
    return texts


def features_of(visit: Visit) -> frozenset[str]:
    """Return the toggles that are on for this visit."""
    visitor_id = visit.visitor.id if visit.visitor else None
    return visit.snapshot.enabled_for(visitor_id)


def context_for(visit: Visit, shown: tuple[Shown, ...], features: frozenset[str]) -> dict[str, Any]:
    """Return what is the same for all visits with the same variants and features."""
    texts = texts_for(visit.snapshot, visit.page, shown)
    return page_context(visit.page, texts, features) | {
        "tracked": [
            {"experimentId": choice.experiment_id, "variantId": choice.variant.id}
            for choice in shown
            if choice.is_tracked
        ],
    }


def page_context(
    page: PageView, texts: Mapping[str, str], features: frozenset[str]
) -> dict[str, Any]:
    """Return what a page's texts and features make of its template."""
    is_insistent = "cta_style_aggressive" in features
    suffix = "_insistent" if is_insistent else ""
    sections = sections_in(texts[KEY])
    if "enable_social_proof" not in features:
        sections = tuple(name for name in sections if name not in SOCIAL_PROOF)
    return {
        "text": texts,
        "path": page.path,
        "home_url": page.path,
        "sign_up_url": f"{page.path}sign-up",
        "sections": sections,
        "parts": [f"landing/parts/{name}.html" for name in sections],
        "cta_label": texts[f"cta_label{suffix}"],
        "cta_note": texts[f"cta_note{suffix}"],
        "is_cta_insistent": is_insistent,
        "has_banner": "show_hero_banner" in features,
        "tracked": [],
    }
