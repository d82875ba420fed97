"""Writes to an experiment's variants and its traffic split, and the rules that they obey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from experiments import content as page_content
from experiments.lifecycle import Status
from experiments.models import Experiment, Variant
from experiments.writing import InvalidSplit, Refused

MIN_VARIANTS, MAX_VARIANTS = 2, 10


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant as an editor gives it. `id` names an existing one; None makes a new one."""

    name: str
    weight: int
    description: str = ""
    content: Mapping[str, str] = field(default_factory=dict)
    id: UUID | None = None


def change_split(experiment: Experiment, traffic_split: Sequence[int]) -> None:
    _require_unfinished(experiment)
    variants = list(experiment.variants.all())
    if len(traffic_split) != len(variants):
        raise InvalidSplit(
            _("The traffic split has %(parts)s parts for %(variants)s variants.")
            % {"parts": len(traffic_split), "variants": len(variants)}
        )
    require_sound_split(traffic_split)
    for variant, weight in zip(variants, traffic_split, strict=True):
        variant.weight = weight
    Variant.objects.bulk_update(variants, ["weight"])


def change_variants(experiment: Experiment, drafts: Sequence[VariantDraft]) -> None:
    _require_unfinished(experiment)
    require_sound_split([draft.weight for draft in drafts])
    existing = [variant.id for variant in experiment.variants.all()]
    if experiment.status != Status.DRAFT and existing != [d.id for d in drafts[: len(existing)]]:
        raise Refused(
            _(
                "Variants can be removed or reordered only while the experiment is a draft: "
                "visitors already have theirs. Add new ones after the last, and give a weight of 0 "
                "to those that nobody new shall get."
            )
        )
    write_variants(experiment, drafts)


def write_variants(experiment: Experiment, drafts: Sequence[VariantDraft]) -> None:
    for draft in drafts:
        for problem in page_content.content_errors(draft.content).values():
            raise Refused(f"{draft.name}: {problem}")
    kept = {variant.id: variant for variant in experiment.variants.all()}
    for position, draft in enumerate(drafts):
        variant = kept.pop(draft.id, None) if draft.id else None
        variant = variant or Variant(experiment=experiment)
        variant.position = position
        variant.name, variant.description = draft.name, draft.description
        variant.weight, variant.content = draft.weight, dict(draft.content)
        variant.save()
    for variant in kept.values():
        variant.delete()


def _require_unfinished(experiment: Experiment) -> None:
    if experiment.status == Status.COMPLETED:
        raise Refused(
            _(
                "A completed experiment's variants and traffic split are its record and can't "
                "change."
            )
        )


def split_problem(weights: Sequence[int]) -> str | None:
    """Return what is wrong with a traffic split, as a sentence, or None."""
    if not MIN_VARIANTS <= len(weights) <= MAX_VARIANTS:
        return _("An experiment has %(least)s to %(most)s variants; this has %(number)s.") % {
            "least": MIN_VARIANTS,
            "most": MAX_VARIANTS,
            "number": len(weights),
        }
    if any(not 0 <= weight <= 100 for weight in weights):
        return _("Each part of the traffic split is between 0 and 100 percent.")
    total = sum(weights)
    if total != 100:
        if total < 100:
            told = _("The traffic split must sum to 100; it sums to %(total)s, %(gap)s short.")
        else:
            told = _("The traffic split must sum to 100; it sums to %(total)s, %(gap)s too many.")
        return told % {"total": total, "gap": abs(100 - total)}
    return None


def require_sound_split(weights: Sequence[int]) -> None:
    problem = split_problem(weights)
    if problem:
        raise InvalidSplit(problem)


def require_own_content(experiment: Experiment) -> None:
    """Two that run on one content key of one page would each spoil what the other measures."""
    mine = _content_keys(experiment)
    rivals = Experiment.objects.running().filter(page=experiment.page_id)
    for other in rivals.with_variants().exclude(pk=experiment.pk):
        shared = mine & _content_keys(other)
        if shared:
            raise Refused(
                _(
                    "“%(name)s” is running and changes %(content)s too. Complete it first, or "
                    "leave that content out of one of the two."
                )
                % {"name": other.name, "content": page_content.labels_of(shared)}
            )


def _content_keys(experiment: Experiment) -> set[str]:
    return {key for variant in experiment.variants.all() for key in variant.content}
