"""The shapes of the API's bodies, as JSON Schema; limits come from the code that keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from config.openapi_verdict import VARIANT_VERDICT, VERDICT
from experiments import payloads
from experiments.content import CONTENT_KEYS
from experiments.event_types import EventType
from experiments.lifecycle import Status
from experiments.services import MAX_VARIANTS, MIN_VARIANTS
from metrics.ingest.payload import MAX_BATCH

Schema = dict[str, Any]

_HEX = "[0-9a-f]"
_ANY_HEX = "[0-9a-fA-F]"


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def obj(properties: Schema, *, optional: Iterable[str] = (), **more: Any) -> Schema:
    """Return an object's schema. Others than these properties may come, now or later."""
    required = [name for name in properties if name not in set(optional)]
    schema: Schema = {"type": "object", "properties": properties, **more}
    return {**schema, "required": required} if required else schema


def array(items: Schema, fewest: int = 0, most: int | None = None) -> Schema:
    schema: Schema = {"type": "array", "items": items, "minItems": fewest}
    return schema if most is None else {**schema, "maxItems": most}


def integer(smallest: int = 0, largest: int | None = None) -> Schema:
    schema: Schema = {"type": "integer", "minimum": smallest}
    return schema if largest is None else {**schema, "maximum": largest}


def _uuid_pattern(digit: str) -> str:
    return f"^{digit}{{8}}(-{digit}{{4}}){{3}}-{digit}{{12}}$"


def _words(longest: int, *, may_be_blank: bool = False) -> Schema:
    """A text as the API takes it: no NUL, and not only white space unless it may be blank."""
    pattern = r"^[^\u0000]*$" if may_be_blank else r"^[^\u0000]*\S[^\u0000]*$"
    schema: Schema = {"type": "string", "maxLength": longest, "pattern": pattern}
    return schema if may_be_blank else {**schema, "minLength": 1}


TEXT: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
GIVEN_ID: Schema = {
    "type": "string",
    "format": "uuid",
    "pattern": _uuid_pattern(_ANY_HEX),
    "description": "A UUID. Upper case is taken too, and answered in lower case.",
}
_CONTENT: Schema = {
    "type": "object",
    "description": "The texts of the page that a variant changes; absent ones keep their default.",
    "properties": {
        entry.key: {
            **_words(entry.max_length, may_be_blank=True),
            "description": entry.label,
        }
        for entry in CONTENT_KEYS
    },
    "additionalProperties": False,
}
_SPLIT: Schema = {
    **array(integer(0, 100), MIN_VARIANTS, MAX_VARIANTS),
    "description": "Whole percent for each variant, in their order; they sum to 100.",
}
_DESCRIPTION = _words(payloads.DESCRIPTION_LENGTH, may_be_blank=True)
_EVENT_COUNTS = obj({event_type: integer() for event_type in EventType.values})

SCHEMAS: dict[str, Schema] = {
    "Id": {"type": "string", "format": "uuid", "pattern": _uuid_pattern(_HEX)},
    "Time": {
        "type": "string",
        "format": "date-time",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        "description": "ISO 8601 in UTC, with milliseconds.",
    },
    "Error": obj({"error": TEXT}),
    "ValidationError": obj(
        {
            "error": {"const": "Validation failed"},
            "details": {
                "type": "object",
                "description": "Each wrong field, and what is wrong with it.",
                "additionalProperties": array(TEXT, 1),
                "minProperties": 1,
            },
        }
    ),
    "Health": obj(
        {
            "status": {"enum": ["healthy", "degraded"]},
            "service": TEXT,
            "version": TEXT,
            "uptime": {"type": "number", "minimum": 0, "description": "Seconds."},
            "timestamp": ref("Time"),
            "database": {"enum": ["connected", "unavailable"]},
        }
    ),
    "NewAssignment": obj({"visitorId": GIVEN_ID, "experimentId": GIVEN_ID}),
    "Assignment": obj(
        {
            "visitorId": ref("Id"),
            "experimentId": ref("Id"),
            "variantId": ref("Id"),
            "variantName": TEXT,
        }
    ),
    "Status": {"enum": Status.values},
    "NewExperiment": obj(
        {
            "name": _words(payloads.NAME_LENGTH),
            "description": _DESCRIPTION,
            "variants": array(
                obj(
                    {
                        "name": _words(payloads.VARIANT_NAME_LENGTH),
                        "description": _words(
                            payloads.VARIANT_DESCRIPTION_LENGTH, may_be_blank=True
                        ),
                        "content": _CONTENT,
                    },
                    optional=["description", "content"],
                ),
                MIN_VARIANTS,
                MAX_VARIANTS,
            ),
            "trafficSplit": _SPLIT,
        },
        optional=["description"],
    ),
    "ExperimentChanges": obj(
        {
            "name": _words(payloads.NAME_LENGTH),
            "description": _DESCRIPTION,
            "status": ref("Status"),
            "trafficSplit": _SPLIT,
        },
        optional=["name", "description", "status", "trafficSplit"],
    ),
    "Experiment": obj(
        {
            "id": ref("Id"),
            "name": TEXT,
            "description": TEXT,
            "status": ref("Status"),
            "createdAt": ref("Time"),
            "updatedAt": ref("Time"),
            "variants": array(
                obj({"id": ref("Id"), "name": TEXT, "description": TEXT, "content": _CONTENT})
            ),
            "trafficSplit": array(integer(0, 100)),
        }
    ),
    "ToggleChanges": obj({"enabled": BOOLEAN}),
    "Toggle": obj(
        {
            "id": ref("Id"),
            "key": TEXT,
            "enabled": BOOLEAN,
            "description": TEXT,
            "updatedAt": ref("Time"),
        }
    ),
    "NewEvent": obj(
        {
            "visitorId": GIVEN_ID,
            "experimentId": GIVEN_ID,
            "variantId": GIVEN_ID,
            "eventType": {"enum": EventType.values},
            "metadata": {
                "type": "object",
                "description": "Anything about the event, {} by default. No personal data.",
            },
            "id": {
                **GIVEN_ID,
                "description": "The event's id, if the client makes it: a repeat is counted once.",
            },
        },
        optional=["metadata", "id"],
    ),
    "EventRecorded": obj(
        {"id": ref("Id"), "createdAt": ref("Time"), "message": {"const": "Event recorded"}}
    ),
    "NewEvents": obj({"events": array(ref("NewEvent"), 1, MAX_BATCH)}),
    "EventsRecorded": obj({"count": integer(1, MAX_BATCH), "message": TEXT}),
    "Stats": obj(
        {
            "experimentId": ref("Id"),
            "experimentName": TEXT,
            "totalVisitors": integer(),
            "variants": array(
                obj(
                    {
                        "variantId": ref("Id"),
                        "variantName": TEXT,
                        "totalEvents": integer(),
                        "uniqueVisitors": integer(),
                        "eventBreakdown": _EVENT_COUNTS,
                        "conversionRate": {"type": "number", "minimum": 0, "maximum": 1},
                        **VARIANT_VERDICT,
                    }
                )
            ),
            "confidence": {
                "type": ["number", "null"],
                "minimum": 0,
                "maximum": 1,
                "description": "The chi-squared test's p-value; null when fewer than two variants "
                "have visitors.",
            },
            "significanceReached": BOOLEAN,
            **VERDICT,
        }
    ),
}
