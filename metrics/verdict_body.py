"""The verdict as the API tells it: beside the stats' own fields, of the current phase."""

from __future__ import annotations

from experiments.answers import timestamp
from metrics.stats.comparisons import Comparison
from metrics.stats.proportions import wilson_interval
from metrics.stats.types import Arm, Interval
from metrics.verdicts import Judgement

Body = dict[str, object]

# Where there is no verdict: of a draft, and of a range of days.
_NO_VERDICT: Body = {
    "verdict": None,
    "reason": None,
    "subjectVariantId": None,
    "phase": None,
    "plannedVisitors": None,
    "plannedLookAt": None,
    "srm": None,
}
_NO_COMPARISON: Body = {
    "lift": None,
    "interval": None,
    "difference": None,
    "differenceInterval": None,
    "chanceToBeatControl": None,
    "expectedLoss": None,
}


def verdict_body(judgement: Judgement | None) -> Body:
    """Return the fields of the whole experiment."""
    if judgement is None:
        return _NO_VERDICT
    verdict, split = judgement.verdict, judgement.verdict.split
    return {
        "verdict": verdict.kind.value,
        "reason": verdict.reason.value,
        "subjectVariantId": str(judgement.subject.id) if judgement.subject else None,
        "phase": judgement.phase.number,
        "plannedVisitors": verdict.planned_visitors,
        "plannedLookAt": timestamp(judgement.looked_at) if judgement.looked_at else None,
        "srm": {
            "pValue": split.p_value,
            "mismatch": split.mismatch,
            "observed": list(split.observed),
            "expected": list(split.expected),
        },
    }


def variant_bodies(judgement: Judgement | None) -> dict[str, Body]:
    """Return the fields of each variant of the phase, by its id."""
    if judgement is None:
        return {}
    compared = {} if judgement.is_withheld else {c.index: c for c in judgement.comparisons()}
    return {
        str(variant.id): {**_rate(arm), **_comparison(compared.get(index))}
        for index, (variant, arm) in enumerate(
            zip(judgement.variants, judgement.look.arms, strict=True)
        )
    }


def no_variant_body() -> Body:
    """Return the fields of a variant that has no part in a phase, or of which none is asked."""
    return {
        "phaseVisitors": None,
        "phaseConversions": None,
        "rateInterval": None,
        **_NO_COMPARISON,
    }


def _rate(arm: Arm) -> Body:
    return {
        "phaseVisitors": arm.visitors,
        "phaseConversions": arm.conversions,
        "rateInterval": _interval(wilson_interval(arm)),
    }


def _comparison(comparison: Comparison | None) -> Body:
    if comparison is None or comparison.effect is None:
        return _NO_COMPARISON
    effect = comparison.effect
    return {
        "lift": effect.lift,
        "interval": _interval(effect.lift_interval),
        "difference": effect.difference,
        "differenceInterval": _interval(effect.difference_interval),
        "chanceToBeatControl": comparison.chance_to_beat_control,
        "expectedLoss": comparison.expected_loss_treatment,
    }


def _interval(bounds: Interval | None) -> dict[str, float] | None:
    return None if bounds is None else {"lower": bounds.lower, "upper": bounds.upper}
