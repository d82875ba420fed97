"""What tests do as a browser would: send HTMX's headers, fill in forms, read messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from experiments.models import Experiment, Variant
from metrics.tests.counted import age, count_visitors

__all__ = [
    "HTMX",
    "TWO_ROWS",
    "age",
    "count_visitors",
    "form_of",
    "messages_in",
    "path_of",
    "post_part",
]

HTMX = {"HX-Request": "true"}


def path_of(name: str, *args: Any) -> str:
    return reverse(f"dashboard:{name}", args=args)


def messages_in(response: Any) -> list[str]:
    """Return what an answer tells: HTMX's by header, a plain one's waiting for the next page."""
    if "HX-Trigger" in response.headers:
        sent = json.loads(response["HX-Trigger"])["plainsplit:messages"]["messages"]
        return [message["text"] for message in sent]
    return [str(message) for message in get_messages(response.wsgi_request)]


def form_of(experiment: Experiment, **changes: Any) -> dict[str, Any]:
    """Return what the form of its variants would send: as it is filled in, with `changes`.

    `rows=[{...}]` gives the variants; `weights=[…]` changes only the split.
    """
    rows = changes.pop("rows", None)
    weights = changes.pop("weights", None)
    if rows is None:
        rows = [_row(variant) for variant in experiment.variants.all()]
    for row, weight in zip(rows, weights or [], strict=bool(weights)):
        row["weight"] = weight
    data: dict[str, Any] = {
        "version": experiment.version,
        "variants-TOTAL_FORMS": len(rows),
        "variants-INITIAL_FORMS": 0,
    }
    for index, row in enumerate(rows):
        data |= {f"variants-{index}-{field}": value for field, value in row.items()}
    return data | changes


def _row(variant: Variant) -> dict[str, Any]:
    return {
        "id": str(variant.id),
        "name": variant.name,
        "description": variant.description,
        "weight": variant.weight,
        **{f"content_{key}": text for key, text in variant.content.items()},
    }


TWO_ROWS: list[dict[str, Any]] = [
    {"name": "Control", "weight": 50},
    {"name": "Louder", "weight": 50},
]


def post_part(client: Client, path: str, data: Mapping[str, Any], *, target: str = "") -> Any:
    """Post as HTMX does."""
    headers = {**HTMX, "HX-Target": target} if target else HTMX
    return client.post(path, data, headers=headers)
