"""What differs between an experiment or toggle as saved now and as somebody has typed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from experiments.content import CONTENT_KEYS
from experiments.models import Experiment, Toggle, Variant
from experiments.services import VariantDraft

_NOT_THERE = "(not there)"
_EMPTY = "(empty)"
_DEFAULT = "(the default)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field on which two versions disagree."""

    label: str
    saved: str
    typed: str


def experiment_differences(
    saved: Experiment, *, name: str, description: str, variants: Sequence[VariantDraft] | None
) -> list[Difference]:
    """Compare a saved experiment with a typed one; None leaves the variants out."""
    found = [
        *_differing("Name", saved.name, name),
        *_differing("Description", saved.description, description),
    ]
    if variants is None:
        return found
    by_id = {variant.id: variant for variant in saved.variants.all()}
    pairs = [(by_id.pop(draft.id, None) if draft.id else None, draft) for draft in variants]
    found.extend(chain.from_iterable(_variant_differences(*pair) for pair in pairs))
    found.extend(
        Difference(f"Variant {left.name}", f"{left.weight} %", _NOT_THERE)
        for left in by_id.values()
    )
    return found


def toggle_differences(saved: Toggle, *, description: str) -> list[Difference]:
    return list(_differing("Description", saved.description, description))


def _variant_differences(saved: Variant | None, typed: VariantDraft) -> Iterable[Difference]:
    if saved is None:
        return [Difference(f"Variant {typed.name}", _NOT_THERE, f"{typed.weight} %")]
    return chain(
        _differing(f"{saved.name}: name", saved.name, typed.name),
        _differing(f"{saved.name}: description", saved.description, typed.description),
        _differing(f"{saved.name}: share", f"{saved.weight} %", f"{typed.weight} %"),
        _content_differences(saved, typed.content),
    )


def _content_differences(saved: Variant, typed: Mapping[str, str]) -> Iterator[Difference]:
    for entry in CONTENT_KEYS:
        yield from _differing(
            f"{saved.name}: {entry.label}",
            saved.content.get(entry.key, _DEFAULT),
            typed.get(entry.key, _DEFAULT),
        )


def _differing(label: str, saved: str, typed: str) -> Iterator[Difference]:
    if saved != typed:
        yield Difference(label, saved or _EMPTY, typed or _EMPTY)
