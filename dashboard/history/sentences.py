"""What a change did, in sentences: “Traffic split: 50 / 50 → 20 / 80”."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from dashboard.figures import NBSP, count
from dashboard.history.folding import Fold, changed_texts
from dashboard.history.values import SPLIT, UNTOLD, Names, label_of, shown, within, written_split
from experiments.lifecycle import Status
from experiments.models.audit import AuditAction, AuditedKind

# Longer texts stand in full beside each other, below the sentence.
MOST_CHARACTERS = 60
# Fields that are prose, and come with quotation marks.
_PROSE = {
    "name",
    "description",
    "hypothesis",
    "decision_note",
    "reason",
    "username",
    "first_name",
    "last_name",
}
# What a change of status says already.
_WITH_STATUS = {"started_at", "completed_at"}
_OF_DECISION = {"decision", "decision_note"}

Split = tuple[list[int], list[int]] | None


def sentences_of(folds: Sequence[Fold], split: Split, names: Names) -> list[str]:
    """Return what was done, the weightiest first; one sentence at least."""
    made = [
        f for f in folds if f.kind == AuditedKind.EXPERIMENT and f.action == AuditAction.CREATED
    ]
    if made:
        return _experiment_made(made[0], split)
    told = [sentence for one in folds for sentence in _of(one, folds, names)]
    if split:
        told.insert(0, _change(str(SPLIT), written_split(split[0]), written_split(split[1])))
    return told or [_("Put in another order.")]


def _experiment_made(made: Fold, split: Split) -> list[str]:
    is_started = made.after.get("status") == Status.ACTIVE
    told = _("Experiment made and started") if is_started else _("Experiment made")
    if not split:
        return [told]
    return [
        _("%(told)s, with %(number)s variants, split %(split)s")
        % {"told": told, "number": len(split[1]), "split": written_split(split[1])}
    ]


def _of(one: Fold, folds: Sequence[Fold], names: Names) -> list[str]:
    if not one.id:
        return [_("Everything in %(table)s deleted at once") % {"table": one.name}]
    if one.action == AuditAction.CREATED:
        return _made(one, names)
    if one.action == AuditAction.DELETED:
        return [_("%(object)s removed") % {"object": title_of(one)}]
    special = _CHANGED.get(one.kind)
    return list(special(one, folds, names) if special else _fields(one, names))


def _made(one: Fold, names: Names) -> list[str]:
    if one.kind == AuditedKind.PHASE:
        cause = within(shown(one.kind, "cause", one.after.get("cause"), names))
        return [_("Phase %(number)s began: %(cause)s") % {"number": one.name, "cause": cause}]
    if one.kind == AuditedKind.PLAN:
        visitors = count(one.after.get("visitors_per_variant"))
        return [_("Plan made: %(visitors)s visitors per variant") % {"visitors": visitors}]
    role = one.after.get("roles") or (one.after.get("role") if one.kind != "person" else None)
    if role:
        field = "roles" if one.kind == AuditedKind.PERSON else "role"
        told = _("%(object)s added, as %(role)s")
        values = {"object": title_of(one), "role": within(shown(one.kind, field, role, names))}
        if one.kind == AuditedKind.INVITATION:
            told = _("Somebody invited, as %(role)s")
        return [told % values]
    return [_("%(object)s added") % {"object": title_of(one)}]


def title_of(one: Fold) -> str:
    """Return an object's kind and name: “Variant “Louder””."""
    name = {"name": one.name}
    titles = {
        # Its name stands above, and may have changed since.
        AuditedKind.EXPERIMENT: _("Experiment"),
        AuditedKind.VARIANT: _("Variant “%(name)s”"),
        AuditedKind.GOAL: _("Goal “%(name)s”"),
        AuditedKind.PHASE: _("Phase %(name)s"),
        AuditedKind.PLAN: _("Plan"),
        AuditedKind.PAGE: _("Page “%(name)s”"),
        AuditedKind.TOGGLE: _("Toggle %(name)s"),
        AuditedKind.TOKEN: _("API token “%(name)s”"),
        AuditedKind.PERSON: _("Person “%(name)s”"),
        AuditedKind.INVITATION: _("Invitation"),
    }
    return titles[AuditedKind(one.kind)] % name if one.kind in AuditedKind.values else one.name


def _experiment(one: Fold, _folds: Sequence[Fold], names: Names) -> Iterator[str]:
    skipped = {"archived_at", *(_WITH_STATUS if "status" in one.after else ())}
    if "archived_at" in one.after:
        yield _("Archived") if one.after["archived_at"] else _("Taken out of the archive")
    if one.before.get("status") == Status.COMPLETED:
        yield _("Decision undone")
        # What was decided stands in the change that decided it.
        yield from _fields(one, names, {*skipped, *_OF_DECISION, "winner_id"})
    elif one.after.get("status") == Status.COMPLETED:
        yield from _fields(one, names, {*skipped, *_OF_DECISION})
        yield from _decided(one, names)
    else:
        yield from _fields(one, names, skipped)


def _decided(one: Fold, names: Names) -> Iterator[str]:
    decision = one.after.get("decision")
    if decision:
        told = within(shown(one.kind, "decision", decision, names))
        yield _("Decision: %(decision)s") % {"decision": told}
    elif "winner_id" not in one.after:
        yield _("No winner")
    if one.after.get("decision_note"):
        yield _("Note: %(note)s") % {"note": text_of(one.after["decision_note"])}


def _variant(one: Fold, _folds: Sequence[Fold], names: Names) -> Iterator[str]:
    # Weights are told together, as the split.
    yield from _fields(one, names, {"weight", "position", "content"}, prefix=_named(one))
    yield from _texts(one)


def _page(one: Fold, _folds: Sequence[Fold], names: Names) -> Iterator[str]:
    yield from _fields(one, names, {"content"}, prefix=_named(one))
    yield from _texts(one)


def _texts(one: Fold) -> Iterator[str]:
    for label, was, becomes in changed_texts(one):
        yield _change(f"{_named(one)}{label}", text_of(was), text_of(becomes))


def _phase(one: Fold, folds: Sequence[Fold], names: Names) -> Iterator[str]:
    has_next = any(f.kind == AuditedKind.PHASE and f.action == AuditAction.CREATED for f in folds)
    completes = any(f.after.get("status") == Status.COMPLETED for f in folds)
    if "ended_at" in one.after and not has_next and not completes:
        yield _("Phase %(number)s ended") % {"number": one.name}
    yield from _fields(one, names, {"ended_at"}, prefix=f"{title_of(one)}, ")


def _plan(one: Fold, _folds: Sequence[Fold], names: Names) -> Iterator[str]:
    yield from _fields(one, names, {"frozen_at"}, prefix=_("Plan: "))
    if one.after.get("frozen_at"):
        yield _("Plan frozen")


def _toggle(one: Fold, _folds: Sequence[Fold], names: Names) -> Iterator[str]:
    if "enabled" in one.after:
        was, becomes = (_told(one, values, "enabled", names) for values in (one.before, one.after))
        yield _change(title_of(one), was, becomes)
    yield from _fields(one, names, {"enabled", "reason"}, prefix=f"{one.name}: ")
    # The one of before belonged to the change of before.
    if one.after.get("reason"):
        yield _("Reason: %(reason)s") % {"reason": text_of(one.after["reason"])}
    elif one.after.keys() == {"reason"}:
        yield _("%(object)s: nothing but its reason removed") % {"object": title_of(one)}


def _token(one: Fold, _folds: Sequence[Fold], names: Names) -> Iterator[str]:
    if one.after.get("revoked_at"):
        yield _("API token “%(name)s” revoked") % {"name": one.name}
    yield from _fields(one, names, {"revoked_at"}, prefix=_named(one))


def _person(one: Fold, _folds: Sequence[Fold], names: Names) -> Iterator[str]:
    name = {"name": one.name}
    if "is_active" in one.after:
        yield (
            _("Person “%(name)s” reactivated")
            if one.after["is_active"]
            else _("Person “%(name)s” deactivated")
        ) % name
    if "password" in one.after:
        yield _("Password of “%(name)s” set anew") % name
    yield from _fields(one, names, {"is_active", "password"}, prefix=_named(one))


def _invitation(one: Fold, _folds: Sequence[Fold], names: Names) -> Iterator[str]:
    if one.after.get("accepted_at"):
        yield _("Invitation accepted")
    else:
        yield from _fields(one, names, {"email"}, prefix=_("Invitation: "))


def _goal(one: Fold, _folds: Sequence[Fold], names: Names) -> Iterator[str]:
    yield from _fields(one, names, {"position", "kind"}, prefix=_named(one))


_CHANGED: Mapping[str, Callable[[Fold, Sequence[Fold], Names], Iterator[str]]] = {
    AuditedKind.EXPERIMENT: _experiment,
    AuditedKind.VARIANT: _variant,
    AuditedKind.GOAL: _goal,
    AuditedKind.PHASE: _phase,
    AuditedKind.PLAN: _plan,
    AuditedKind.PAGE: _page,
    AuditedKind.TOGGLE: _toggle,
    AuditedKind.TOKEN: _token,
    AuditedKind.PERSON: _person,
    AuditedKind.INVITATION: _invitation,
}


def _fields(
    one: Fold, names: Names, skipped: set[str] | frozenset[str] = frozenset(), *, prefix: str = ""
) -> Iterator[str]:
    for field in one.after:
        if field not in UNTOLD and field not in skipped:
            label = label_of(field)
            label = f"{prefix}{within(label)}" if prefix else label
            was, becomes = (_told(one, part, field, names) for part in (one.before, one.after))
            yield _change(label, was, becomes)


def _told(one: Fold, values: Mapping[str, Any], field: str, names: Names) -> str:
    value = values.get(field)
    return text_of(value) if field in _PROSE and value else shown(one.kind, field, value, names)


def text_of(value: str | None) -> str:
    """Return a text in quotation marks, its beginning if it is long; the default where none."""
    if value is None:
        return _("the default")
    return f"“{Truncator(value).chars(MOST_CHARACTERS)}”"


def _named(one: Fold) -> str:
    return f"“{one.name}”, "


def _change(label: str, was: str, becomes: str) -> str:
    return f"{label}: {was}{NBSP}→ {becomes}"
