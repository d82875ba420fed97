"""What callers of the API may send: from parsed JSON to drafts, or every wrong field's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments import content as page_content
from experiments.answers import ApiError, is_storable_text, validation_failed
from experiments.fields import (
    UNSTORABLE,
    Field,
    Wrong,
    WrongFields,
    boolean,
    list_of,
    object_with,
    one_of,
    read_object,
    text,
    whole_number,
)
from experiments.lifecycle import Status
from experiments.services import MAX_VARIANTS, MIN_VARIANTS, VariantDraft, split_problem

NAME_LENGTH, DESCRIPTION_LENGTH = 200, 1000
VARIANT_NAME_LENGTH, VARIANT_DESCRIPTION_LENGTH = 100, 500


@dataclass(frozen=True, slots=True)
class NewExperiment:
    name: str
    description: str
    variants: tuple[VariantDraft, ...]


@dataclass(frozen=True, slots=True)
class ExperimentChanges:
    """What a PATCH changes; None leaves a field as it is."""

    name: str | None = None
    description: str | None = None
    status: Status | None = None
    traffic_split: tuple[int, ...] | None = None


def new_experiment(body: Mapping[str, object]) -> NewExperiment:
    """Read a `POST /api/experiments`, or raise the ApiError that names every wrong field."""
    values = _read(body, _NEW_EXPERIMENT)
    split = values["trafficSplit"]
    if len(split) != len(values["variants"]):
        message = f"Has {len(split)} entries for {len(values['variants'])} variants."
        raise ApiError(validation_failed({"trafficSplit": [message]}))
    return NewExperiment(
        name=values["name"],
        description=values.get("description", ""),
        variants=tuple(
            VariantDraft(
                name=variant["name"],
                weight=weight,
                description=variant.get("description", ""),
                content=variant.get("content", {}),
            )
            for variant, weight in zip(values["variants"], split, strict=True)
        ),
    )


def experiment_changes(body: Mapping[str, object]) -> ExperimentChanges:
    """Read a `PATCH /api/experiments/:id`, or raise the ApiError."""
    values = _read(body, _EXPERIMENT_CHANGES)
    return ExperimentChanges(
        name=values.get("name"),
        description=values.get("description"),
        status=Status(values["status"]) if "status" in values else None,
        traffic_split=tuple(values["trafficSplit"]) if "trafficSplit" in values else None,
    )


def toggle_enabled(body: Mapping[str, object]) -> bool:
    """Read a `PATCH /api/toggles/:id`, or raise the ApiError."""
    return bool(_read(body, {"enabled": Field(boolean)})["enabled"])


def _read(body: Mapping[str, object], fields: Mapping[str, Field]) -> dict[str, Any]:
    try:
        return read_object(body, fields)
    except WrongFields as wrong:
        raise ApiError(validation_failed(wrong.details)) from None


def _traffic_split(value: object) -> list[int]:
    split: list[int] = list_of(whole_number(0, 100), MIN_VARIANTS, MAX_VARIANTS)(value)
    problem = split_problem(split)
    if problem:
        raise Wrong(problem)
    return split


def _content(value: object) -> dict[str, str]:
    """The texts of the page that a variant changes, by content key."""
    if not isinstance(value, dict):
        raise Wrong("Must be an object of content keys and texts.")
    unknown = value.keys() - page_content.KEYS.keys()
    if unknown:
        known = ", ".join(page_content.KEYS)
        raise Wrong(f"Has a key that the page doesn't know. It knows {known}.")
    problems = []
    for key, words in value.items():
        if not isinstance(words, str):
            problems.append(f".{key}: Must be a text.")
        elif not is_storable_text(words):
            problems.append(f".{key}: {UNSTORABLE}")
        else:
            found = page_content.content_errors({key: words}).values()
            problems += [f".{key}: {problem}" for problem in found]
    if problems:
        raise Wrong(*problems)
    return value


_VARIANT = {
    "name": Field(text(VARIANT_NAME_LENGTH)),
    "description": Field(text(VARIANT_DESCRIPTION_LENGTH, may_be_blank=True), is_required=False),
    "content": Field(_content, is_required=False),
}
_NEW_EXPERIMENT = {
    "name": Field(text(NAME_LENGTH)),
    "description": Field(text(DESCRIPTION_LENGTH, may_be_blank=True), is_required=False),
    "variants": Field(list_of(object_with(_VARIANT), MIN_VARIANTS, MAX_VARIANTS)),
    "trafficSplit": Field(_traffic_split),
}
_EXPERIMENT_CHANGES = {
    "name": Field(text(NAME_LENGTH), is_required=False),
    "description": Field(text(DESCRIPTION_LENGTH, may_be_blank=True), is_required=False),
    "status": Field(one_of(Status.values), is_required=False),
    "trafficSplit": Field(_traffic_split, is_required=False),
}
