"""Changes as the page shows them: who, when, what in sentences, and every field side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from dashboard.history.folding import Fold, changed_texts, fold, split_of
from dashboard.history.sentences import sentences_of, title_of
from dashboard.history.values import UNTOLD, Names, label_of, shown
from experiments import audit
from experiments.actors import ActorKind
from experiments.models import AuditEntry, Experiment, Goal, Page, Variant
from experiments.models.audit import AuditAction, AuditedKind

REFERRING = ("winner_id", "goal_id", "page_id")
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; `object` is what it belongs to."""

    object: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change, or its part that is about one experiment; `id` is its first entry's.

    `experiment` is the name of its experiment, "" where it is about none.
    """

    id: int
    at: datetime
    actor: str
    actor_kind: str
    experiment_id: UUID | None
    experiment: str
    # Whether the experiment is still there to be looked at.
    exists: bool
    sentences: list[str]
    fields: list[FieldChange]


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed an object last, and when."""

    at: datetime
    actor: str


def last_changes(kind: AuditedKind, ids: Iterable[object]) -> dict[str, LastChange]:
    """Return {id: who changed it last} of objects of one kind, in one query for all of them."""
    return {
        object_id: LastChange(entry.at, actor_within(entry.actor_kind, entry.actor_name))
        for object_id, entry in audit.last_changes(kind, ids).items()
    }


def changes_of(groups: Sequence[Sequence[AuditEntry]]) -> list[Change]:
    """Return changes for groups of entries; four queries at most, however many there are.

    What was done at once to several experiments, or to one and to something else, is several.
    """
    names = _names_in([entry for group in groups for entry in group])
    return [_change_of(part, names) for group in groups for part in _by_experiment(group)]


def actor_text(kind: str, name: str) -> str:
    """Return who it was: a person's name, or what else acted."""
    if kind == ActorKind.TOKEN:
        return _("API token “%(name)s”") % {"name": name}
    if kind == ActorKind.COMMAND:
        return _("Command %(name)s") % {"name": name}
    return name or _("The system")


def actor_within(kind: str, name: str) -> str:
    """Return who it was, for the midst of a sentence: “by the command seed”."""
    if kind == ActorKind.TOKEN:
        return _("the API token “%(name)s”") % {"name": name}
    if kind == ActorKind.COMMAND:
        return _("the command %(name)s") % {"name": name}
    return name or _("the system")


def _by_experiment(entries: Sequence[AuditEntry]) -> Iterable[list[AuditEntry]]:
    parts: dict[UUID | None, list[AuditEntry]] = {}
    for entry in entries:
        parts.setdefault(entry.experiment_id, []).append(entry)
    return parts.values()


def _change_of(entries: Sequence[AuditEntry], names: Names) -> Change:
    first = entries[0]
    folds = fold(entries)
    experiment_id = first.experiment_id
    known = names.experiments.get(str(experiment_id))
    return Change(
        id=first.id,
        at=first.at,
        actor=actor_text(first.actor_kind, first.actor_name),
        actor_kind=first.actor_kind,
        experiment_id=experiment_id,
        experiment=(known or _name_at_the_time(entries)) if experiment_id else "",
        exists=known is not None,
        sentences=sentences_of(folds, split_of(entries), names),
        fields=[row for one in folds for row in _rows_of(one, names)],
    )


def _name_at_the_time(entries: Sequence[AuditEntry]) -> str:
    names = (entry.object_name for entry in entries if entry.object_type == "experiment")
    return next(names, _("An experiment that was removed"))


def _rows_of(one: Fold, names: Names) -> Iterator[FieldChange]:
    for field in one.after or one.before:
        # Of what came or went, what it had.
        has_other_side = one.action == AuditAction.CHANGED
        value = one.after.get(field, one.before.get(field))
        if field in UNTOLD or not (has_other_side or (value not in EMPTY and field != "position")):
            continue
        if field == "content":
            yield from _content_rows(one)
            continue
        was, becomes = (
            shown(one.kind, field, values[field], names) if field in values else ""
            for values in (one.before, one.after)
        )
        yield FieldChange(title_of(one), label_of(field), was, becomes)


def _content_rows(one: Fold) -> Iterator[FieldChange]:
    default = _("(the default)")
    for label, was, becomes in changed_texts(one):
        before, after = (default if text is None else text for text in (was, becomes))
        yield FieldChange(title_of(one), label, before, after)


def _names_in(entries: Sequence[AuditEntry]) -> Names:
    experiments = {entry.experiment_id for entry in entries if entry.experiment_id}
    parts = {
        part
        for entry in entries
        for values in (entry.before, entry.after)
        for part in _parts_in(values or {})
    }
    found: dict[str, str] = {}
    if parts:
        for model in (Variant, Goal, Page):
            rows = model._default_manager.filter(pk__in=parts).values_list("pk", "name")
            found |= {str(pk): name for pk, name in rows}
    known = (
        Experiment.objects.filter(pk__in=experiments) if experiments else Experiment.objects.none()
    )
    return Names({str(pk): name for pk, name in known.values_list("pk", "name")}, found)


def _parts_in(values: dict[str, Any]) -> Iterator[str]:
    for field in REFERRING:
        if values.get(field):
            yield values[field]
    weights = values.get("weights")
    if isinstance(weights, dict):
        yield from weights
