"""The shapes of the verdict's fields in the API's statistics; whatever is unknown is null."""

from __future__ import annotations

from typing import Any

from metrics.stats.types import Kind, Reason

Schema = dict[str, Any]


def _number(description: str) -> Schema:
    return {"type": ["number", "null"], "description": description}


def _count(description: str) -> Schema:
    return {"type": ["integer", "null"], "minimum": 0, "description": description}


def _interval(description: str) -> Schema:
    bounds = {"lower": {"type": "number"}, "upper": {"type": "number"}}
    return {
        "type": ["object", "null"],
        "properties": bounds,
        "required": list(bounds),
        "description": description,
    }


_SRM: Schema = {
    "type": ["object", "null"],
    "description": "The check of the sample ratio: visitors against the traffic split.",
    "properties": {
        "pValue": _number("Holds at every look; below 0.001 is a mismatch."),
        "mismatch": {"type": "boolean"},
        "observed": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "expected": {"type": "array", "items": {"type": "number", "minimum": 0}},
    },
    "required": ["pValue", "mismatch", "observed", "expected"],
}

# Of the whole experiment.
VERDICT: Schema = {
    "verdict": {
        "enum": [*(kind.value for kind in Kind), None],
        "description": "What may be said about the current phase; null for drafts and date ranges.",
    },
    "reason": {"enum": [*(reason.value for reason in Reason), None]},
    "subjectVariantId": {
        "type": ["string", "null"],
        "format": "uuid",
        "description": "The variant that the verdict is about.",
    },
    "phase": _count("The number of the phase that the verdict is about."),
    "plannedVisitors": _count("Of all variants together; null without a plan."),
    "plannedLookAt": {
        "type": ["string", "null"],
        "description": "When the one look at the planned end was taken.",
    },
    "srm": _SRM,
}

# Of each variant.
VARIANT_VERDICT: Schema = {
    "phaseVisitors": _count("Visitors of the current phase."),
    "phaseConversions": _count("Those of them who reached the primary goal."),
    "rateInterval": _interval("The 95 % interval of the phase's rate."),
    "lift": _number("Relative to the control: 0.1 is 10 % more. Null for the control."),
    "interval": _interval("The lift's interval, which the verdict rests on."),
    "difference": _number("Of the rates: 0.01 is one percentage point."),
    "differenceInterval": _interval("The difference's interval."),
    "chanceToBeatControl": _number("Bayesian, from 0 to 1; not safe to peek at."),
    "expectedLoss": _number("The rate that choosing this variant loses on average."),
}
