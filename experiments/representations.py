"""How the API writes experiments and toggles."""

from __future__ import annotations

from typing import Any

from experiments.answers import timestamp
from experiments.models import Experiment, Toggle


def experiment_json(experiment: Experiment) -> dict[str, Any]:
    """Return an experiment; `trafficSplit[i]` belongs to `variants[i]`, in creation order.

    Costs no query where the variants were fetched before.
    """
    variants = list(experiment.variants.all())
    return {
        "id": str(experiment.id),
        "name": experiment.name,
        "description": experiment.description,
        "status": experiment.status,
        "createdAt": timestamp(experiment.created_at),
        "updatedAt": timestamp(experiment.updated_at),
        "variants": [
            {
                "id": str(variant.id),
                "name": variant.name,
                "description": variant.description,
                "content": variant.content,
            }
            for variant in variants
        ],
        "trafficSplit": [variant.weight for variant in variants],
    }


def toggle_json(toggle: Toggle) -> dict[str, Any]:
    """Return a toggle; `enabled` is whether it is on now, for however many visitors."""
    return {
        "id": str(toggle.id),
        "key": toggle.key,
        "enabled": toggle.is_on,
        "description": toggle.description,
        "updatedAt": timestamp(toggle.updated_at),
    }
