"""Entries of one change → what it did to each object, from before the change to after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.content import KEYS
from experiments.models import AuditEntry
from experiments.models.audit import AuditAction, AuditedKind

# What stands first in the story of a change.
_ORDER = list(AuditedKind.values)


@dataclass(slots=True)
class Fold:
    """What one change did to one object; `before` and `after` have the same keys where it stayed.

    An `id` of "" stands for all objects of the kind at once.
    """

    kind: str
    id: str
    name: str
    action: str
    before: dict[str, Any]
    after: dict[str, Any]


def fold(entries: Sequence[AuditEntry]) -> list[Fold]:
    """Return what entries of one change come to; steps on the way that were undone are left out."""
    folds: list[Fold] = []
    latest: dict[tuple[str, str], Fold] = {}
    for entry in entries:
        key = (entry.object_type, entry.object_id)
        known = latest.get(key)
        if known and known.action != AuditAction.DELETED and entry.action == AuditAction.CHANGED:
            _continue(known, entry)
        else:
            latest[key] = _fold_of(entry)
            folds.append(latest[key])
    told = [one for one in folds if one.action != AuditAction.CHANGED or one.after]
    return sorted(told, key=_place)


def _fold_of(entry: AuditEntry) -> Fold:
    return Fold(
        kind=entry.object_type,
        id=entry.object_id,
        name=entry.object_name,
        action=entry.action,
        before=dict(entry.before or {}),
        after=dict(entry.after or {}),
    )


def _continue(known: Fold, entry: AuditEntry) -> None:
    known.name = entry.object_name
    for field, value in (entry.after or {}).items():
        if known.action == AuditAction.CHANGED:
            known.before.setdefault(field, (entry.before or {}).get(field))
        known.after[field] = value
        # A secret is the same word before and after.
        if known.before.get(field, ...) == value != "hidden":
            del known.before[field], known.after[field]


def _place(one: Fold) -> int:
    return _ORDER.index(one.kind) if one.kind in _ORDER else len(_ORDER)


def changed_texts(one: Fold) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield label, former and new text of each content key that differs, in the page's order.

    None is the page's default.
    """
    was, becomes = one.before.get("content") or {}, one.after.get("content") or {}
    for key in [*KEYS, *sorted((was.keys() | becomes.keys()) - KEYS.keys())]:
        if was.get(key) != becomes.get(key):
            yield KEYS[key].label if key in KEYS else key, was.get(key), becomes.get(key)


def split_of(entries: Sequence[AuditEntry]) -> tuple[list[int], list[int]] | None:
    """Return the traffic split before and after a change, in percent; None where it stayed.

    An entry of a variant carries the whole split after it; the entries take it back, step by step.
    """
    steps = [entry for entry in entries if entry.split is not None]
    if not steps:
        return None
    last: list[tuple[str, int]] = [(variant, weight) for variant, weight in steps[-1].split or []]
    after = [weight for _variant, weight in last]
    weights = dict(last)
    places = {variant: place for place, (variant, _weight) in enumerate(last)}
    for entry in reversed(steps):
        was, variant = entry.before or {}, entry.object_id
        if entry.action == AuditAction.CREATED:
            weights.pop(variant, None)
            continue
        weights[variant] = was.get("weight", weights.get(variant, 0))
        places[variant] = was.get("position", places.get(variant, 0))
    before = [weights[variant] for variant in sorted(weights, key=lambda one: places[one])]
    return None if before == after else (before, after)
