"""Check: from the JSON that a browser sent to events that can be kept, or what is wrong with it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from experiments import answers
from experiments.answers import ApiError, Details, clean_uuid, is_storable_text, validation_failed
from experiments.event_types import EventType

MAX_BATCH = 500
MAX_METADATA_CHARACTERS = 16_000

_EVENT_TYPES = {event_type.value: event_type for event_type in EventType}
_TYPE_MESSAGE = f"Must be one of {', '.join(_EVENT_TYPES)}."
_FOUR_UUIDS = re.compile(",".join([answers.UUID.pattern] * 4))
_EMAIL = re.compile(r"[^\s@\"<>]+@[^\s@\"<>]+\.[^\s@\"<>]+")
# Made once: json.dumps makes one for every call that asks for anything unusual.
_as_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
EMAIL_REMOVED = "[e-mail address removed]"


# Named tuples: of a small call's time, making frozen dataclasses of it took a twentieth.
class Incoming(NamedTuple):
    """One well-formed event. Ids are lower-case UUID strings; `metadata` is JSON text.

    `moment` backdates the event, for simulated visitors; None is the moment of its commit. `fields`
    is what the metadata's text says, where it was read already.
    """

    visitor_id: str
    experiment_id: str
    variant_id: str
    event_type: EventType
    id: str
    metadata: str = "{}"
    moment: datetime | None = None
    fields: Mapping[str, Any] | None = None


class Submission(NamedTuple):
    """What one call wants recorded: all of it, or none."""

    events: tuple[Incoming, ...]
    is_batch: bool = False


def parse_single(body: bytes) -> Submission:
    """Return the event of a `POST /api/events`, or raise the ApiError that names what is wrong."""
    event = _parse_event(answers.parse_body(body))
    if not isinstance(event, Incoming):
        raise ApiError(validation_failed(event))
    return Submission((event,))


def parse_batch(body: bytes) -> Submission:
    """Return the events of a `POST /api/events/batch`, or raise the ApiError."""
    raw = answers.parse_body(body).get("events")
    if not isinstance(raw, list):
        raise ApiError(validation_failed({"events": ["Must be a list of events."]}))
    if not 1 <= len(raw) <= MAX_BATCH:
        message = f"Must hold 1 to {MAX_BATCH} events; this holds {len(raw)}."
        raise ApiError(validation_failed({"events": [message]}))
    parsed = [_parse_event(item) for item in raw]
    events = [event for event in parsed if isinstance(event, Incoming)]
    problems = [
        f"[{i}].{name}: {message}"
        for i, wrong in enumerate(parsed)
        if not isinstance(wrong, Incoming)
        for name, messages in wrong.items()
        for message in messages
    ]
    if not problems:
        problems = _shared_ids(events)
    if problems:
        raise ApiError(validation_failed({"events": problems}))
    return Submission(tuple(events), is_batch=True)


def _shared_ids(events: Sequence[Incoming]) -> list[str]:
    """Return what is wrong with ids that two different events of one batch have."""
    seen: dict[tuple[str, str], Incoming] = {}
    problems = []
    for i, event in enumerate(events):
        first = seen.setdefault((event.visitor_id, event.id), event)
        if (first.experiment_id, first.event_type) != (event.experiment_id, event.event_type):
            problems.append(f"[{i}].id: Must not be the id of another event of this batch.")
    return problems


def _parse_event(raw: object) -> Incoming | Details:
    """Return the event, or {name of each wrong field: what is wrong with it}."""
    if not isinstance(raw, dict):
        return {"event": ["Must be an object."]}
    wrong: Details = {}
    ids: list[Any] = [raw.get(n) for n in ("visitorId", "experimentId", "variantId")]
    # Without an id of the client's own a repeat can't be recognised; with one it is counted once.
    ids.append(raw["id"] if "id" in raw else str(uuid.uuid4()))
    # All at once: one by one took three times as long. Nothing but texts looks like this.
    joined = "{},{},{},{}".format(*ids)
    if _FOUR_UUIDS.fullmatch(joined):
        ids = joined.lower().split(",")
    else:
        names = ("visitorId", "experimentId", "variantId", "id")
        wrong = {
            name: [answers.UUID_MESSAGE]
            for name, value in zip(names, ids, strict=True)
            if clean_uuid(value) is None
        }
    kind = raw.get("eventType")
    event_type = _EVENT_TYPES.get(kind) if isinstance(kind, str) else None
    if event_type is None:
        wrong["eventType"] = [_TYPE_MESSAGE]
    fields, metadata, problem = _clean_metadata(raw.get("metadata", {}))
    if problem:
        wrong["metadata"] = [problem]
    if wrong or event_type is None:
        return wrong
    visitor_id, experiment_id, variant_id, id_ = ids
    return Incoming(visitor_id, experiment_id, variant_id, event_type, id_, metadata, fields=fields)


def _clean_metadata(raw: object) -> tuple[Mapping[str, Any], str, str]:
    """Return the metadata as an object and as JSON text, and what is wrong with it, if anything."""
    if raw == {}:
        return {}, "{}", ""
    if not isinstance(raw, dict):
        return {}, "", "Must be an object."
    if not _is_storable(raw):
        wrong = "Must not hold NUL characters, unpaired surrogates or numbers beyond a double."
        return {}, "", wrong
    text = _as_text(raw)
    if len(text) > MAX_METADATA_CHARACTERS:
        wrong = f"Takes {len(text)} characters as JSON; {MAX_METADATA_CHARACTERS} are the most."
        return {}, "", wrong
    if "@" in text:
        # Addresses belong in the leads table only, whatever a client puts here.
        raw = cast("dict[str, Any]", _without_addresses(raw))
        text = _as_text(raw)
    return raw, text, ""


def _without_addresses(value: Any) -> Any:
    """Return a JSON value with a note in the place of each e-mail address."""
    if isinstance(value, str):
        return _EMAIL.sub(EMAIL_REMOVED, value)
    if isinstance(value, Mapping):
        return {_without_addresses(key): _without_addresses(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_addresses(item) for item in value]
    return value


def _is_storable(value: Any) -> bool:
    """Return whether PostgreSQL can keep a JSON value."""
    kind = type(value)
    if kind is str:
        return is_storable_text(value)
    if kind is dict:
        return all(is_storable_text(key) and _is_storable(item) for key, item in value.items())
    if kind is list:
        return all(_is_storable(item) for item in value)
    # 1e400 is valid JSON, and infinity once it is read.
    return kind is not float or value - value == 0
