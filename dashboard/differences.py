"""What differs between an experiment or toggle as saved now and as somebody has typed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from experiments.content import CONTENT_KEYS
from experiments.models import Experiment, Page, Variant
from experiments.services import VariantDraft

_NOT_THERE = gettext_noop("(not there)")
_EMPTY = gettext_noop("(empty)")
_DEFAULT = gettext_noop("(the default)")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field on which two versions disagree."""

    label: str
    saved: str
    typed: str


def question_differences(
    saved: Experiment,
    *,
    name: str,
    description: str,
    hypothesis: str | None = None,
    page: Page | None = None,
) -> list[Difference]:
    """Compare what a saved experiment asks with what was typed; None leaves a field out."""
    return [
        *_differing(_("Name"), saved.name, name),
        *_differing(_("What do you want to learn?"), saved.description, description),
        *(
            _differing(_("Hypothesis"), saved.hypothesis, hypothesis)
            if hypothesis is not None
            else ()
        ),
        *(_differing(_("Landing page"), saved.page.name, page.name) if page is not None else ()),
    ]


def variant_differences(saved: Experiment, typed: Sequence[VariantDraft]) -> list[Difference]:
    """Compare a saved experiment's variants with those that were typed."""
    by_id = {variant.id: variant for variant in saved.variants.all()}
    pairs = [(by_id.pop(draft.id, None) if draft.id else None, draft) for draft in typed]
    found = list(chain.from_iterable(_variant_differences(*pair) for pair in pairs))
    found.extend(
        Difference(_("Variant %(name)s") % {"name": left.name}, f"{left.weight} %", _(_NOT_THERE))
        for left in by_id.values()
    )
    return found


def _variant_differences(saved: Variant | None, typed: VariantDraft) -> Iterable[Difference]:
    if saved is None:
        label = _("Variant %(name)s") % {"name": typed.name}
        return [Difference(label, _(_NOT_THERE), f"{typed.weight} %")]
    name = saved.name
    return chain(
        _differing(_("%(name)s: name") % {"name": name}, name, typed.name),
        _differing(
            _("%(name)s: description") % {"name": name}, saved.description, typed.description
        ),
        _differing(_("%(name)s: share") % {"name": name}, f"{saved.weight} %", f"{typed.weight} %"),
        _content_differences(saved, typed.content),
    )


def _content_differences(saved: Variant, typed: Mapping[str, str]) -> Iterator[Difference]:
    for entry in CONTENT_KEYS:
        yield from _differing(
            f"{saved.name}: {entry.label}",
            saved.content.get(entry.key, _(_DEFAULT)),
            typed.get(entry.key, _(_DEFAULT)),
        )


def _differing(label: str, saved: str, typed: str) -> Iterator[Difference]:
    if saved != typed:
        yield Difference(label, saved or _(_EMPTY), typed or _(_EMPTY))
