"""What the page says to a visitor: defaults, then what was decided, then what is being tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from experiments.content import DEFAULTS
from experiments.snapshot import PageView, Snapshot, VariantView
from landing.visits import Visit


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


def context_for(visit: Visit, shown: tuple[Shown, ...]) -> dict[str, Any]:
    """Return what is the same for all visits with the same variants and features."""
    texts = texts_for(visit.snapshot, visit.page, shown)
    features = features_of(visit)
    is_insistent = "cta_style_aggressive" in features
    suffix = "_insistent" if is_insistent else ""
    return {
        "text": texts,
        "cta_label": texts[f"cta_label{suffix}"],
        "cta_note": texts[f"cta_note{suffix}"],
        "is_cta_insistent": is_insistent,
        "has_banner": "show_hero_banner" in features,
        "has_social_proof": "enable_social_proof" in features,
        "tracked": [
            {"experimentId": choice.experiment_id, "variantId": choice.variant.id}
            for choice in shown
            if choice.is_tracked
        ],
    }
