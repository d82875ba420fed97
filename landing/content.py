"""What the page says to a visitor: defaults, then what was decided, then what is being tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from experiments.content import DEFAULTS
from experiments.snapshot import Snapshot, VariantView
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
        for experiment in visit.snapshot.running
        if experiment.variants
    )


def texts_for(snapshot: Snapshot, shown: tuple[Shown, ...]) -> dict[str, str]:
    """Return {content key: text}.

    Running experiments stand above what completed ones left, and both above the defaults.
    """
    texts = {**DEFAULTS, **snapshot.settled_content}
    for choice in shown:
        texts.update(choice.variant.content)
    return texts


def context_for(snapshot: Snapshot, shown: tuple[Shown, ...]) -> dict[str, Any]:
    """Return everything in the page that depends on configuration alone, and on no visitor."""
    texts = texts_for(snapshot, shown)
    is_insistent = snapshot.is_enabled("cta_style_aggressive")
    suffix = "_insistent" if is_insistent else ""
    return {
        "text": texts,
        "cta_label": texts[f"cta_label{suffix}"],
        "cta_note": texts[f"cta_note{suffix}"],
        "is_cta_insistent": is_insistent,
        "has_banner": snapshot.is_enabled("show_hero_banner"),
        "has_social_proof": snapshot.is_enabled("enable_social_proof"),
        "tracked": [
            {"experimentId": choice.experiment_id, "variantId": choice.variant.id}
            for choice in shown
            if choice.is_tracked
        ],
    }
