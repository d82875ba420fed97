"""The API's description of itself: OpenAPI 3.1, at /api/openapi.json."""

from __future__ import annotations

import functools
import json
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import parse_etags

from config.openapi_schemas import GIVEN_ID, SCHEMAS, Schema, array, ref
from experiments.answers import Answer
from experiments.http import Access, api_view

_JSON = "application/json"
_TOKEN: list[Schema] = [{"token": []}]
_STAFF_READING = [*_TOKEN, {"session": []}]
_STAFF_WRITING = [*_TOKEN, {"session": [], "csrf": []}]
_REQUEST_ID: Schema = {
    "description": "The request's id in the log: the one that was sent with it, or a new one.",
    "schema": {"type": "string"},
}
_RETRY_AFTER: Schema = {
    "description": "Seconds after which to try again.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}


def _answer(description: str, schema: Schema | None = None, **headers: Schema) -> Schema:
    named = {name.replace("_", "-"): header for name, header in headers.items()}
    answer: Schema = {"description": description, "headers": {"X-Request-ID": _REQUEST_ID, **named}}
    return answer if schema is None else {**answer, "content": {_JSON: {"schema": schema}}}


def _error(description: str, **headers: Schema) -> Schema:
    return _answer(description, ref("Error"), **headers)


_UNAVAILABLE = _error(
    "The database can't be reached, or more arrives than can be stored. An event that "
    "is sent again "
    "under its id is counted once.",
    Retry_After=_RETRY_AFTER,
)
_EVERYWHERE = {
    "400": _answer(
        "The request is malformed; what is wrong is named.",
        {"anyOf": [ref("ValidationError"), ref("Error")]},
    ),
    "429": _error("More requests than the limit allows.", Retry_After=_RETRY_AFTER),
    "503": _UNAVAILABLE,
}
_STAFF_ONLY = {
    "401": _error(
        "Neither a valid token nor a session.",
        WWW_Authenticate={"required": True, "schema": {"const": "Bearer"}},
    ),
    "403": _error("The session's user may not do this, or its CSRF token is wrong."),
}
_WITH_BODY = {"413": _error("The body is larger than 1 MiB.")}
_HOT = {**_WITH_BODY, "408": _error("The body took too long to arrive.")}
_NOT_FOUND = {"404": _error("There is none with this id.")}
_ID_IN_PATH: list[Schema] = [{"name": "id", "in": "path", "required": True, "schema": GIVEN_ID}]


def _operation(
    operation_id: str,
    summary: str,
    answers: dict[str, Schema],
    *,
    body: str | None = None,
    security: list[Schema] | None = None,
    parameters: list[Schema] | None = None,
) -> Schema:
    """Return one operation. Who may call it and whether it has a body bring further answers."""
    operation: Schema = {"operationId": operation_id, "summary": summary}
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": ref(body)}}}
    operation["security"] = security or []
    all_answers = {
        **_EVERYWHERE,
        **(_STAFF_ONLY if security else {}),
        **(_WITH_BODY if body else {}),
        **answers,
    }
    operation["responses"] = dict(sorted(all_answers.items()))
    return operation


def _assignment(operation_id: str) -> Schema:
    answers = {
        **_HOT,
        "200": _answer("The variant that the visitor has, now and from now on.", ref("Assignment")),
        "404": _error("There is no such experiment, or it has no variants."),
        "409": _error(
            "The experiment takes no new visitors, and this one has no assignment in it."
        ),
    }
    return _operation(
        operation_id, "Find out which variant a visitor has.", answers, body="NewAssignment"
    )


def _event(operation_id: str) -> Schema:
    answers = {
        **_HOT,
        "201": _answer("The event is stored and counted.", ref("EventRecorded")),
        "409": _error(
            "The experiment counts nothing (a draft, completed, or paused without this visitor), "
            "or the id belongs to a different event."
        ),
    }
    return _operation(operation_id, "Record an event.", answers, body="NewEvent")


def _paths() -> dict[str, dict[str, Schema]]:
    batch = {
        **_HOT,
        "201": _answer("All of them are stored and counted.", ref("EventsRecorded")),
        "409": _error("One of them can't be counted; nothing of the batch was."),
    }
    experiment = _answer("The experiment.", ref("Experiment"))
    conflict = {"409": _error("The lifecycle forbids it, or another experiment stands against it.")}
    health = {
        "200": _answer("All is well.", ref("Health")),
        "503": _answer("The database can't be reached.", ref("Health")),
    }
    made = _answer(
        "The experiment, active from now on.",
        ref("Experiment"),
        Location={"required": True, "schema": {"type": "string", "format": "uri-reference"}},
    )
    description = {
        "200": _answer("The description of the API.", {"type": "object"}),
        "304": _answer("The client has it already (If-None-Match)."),
    }
    listed = _answer("All of them, newest first.", array(ref("Experiment")))
    by_key = _answer("All of them, by key.", array(ref("Toggle")))
    toggle = _answer("The toggle.", ref("Toggle"))
    stats = _answer("The experiment's results, every variant of it.", ref("Stats"))
    return {
        "/api/health": {"get": _operation("getHealth", "How the service is.", health)},
        "/api/openapi.json": {
            "get": _operation("getDescription", "This description.", description)
        },
        "/api/assignments": {"post": _assignment("assignVisitor")},
        "/api/assign": {"post": _assignment("assignVisitorOfLandingPage")},
        "/api/experiments": {
            "get": _operation(
                "listExperiments",
                "List all experiments.",
                {"200": listed},
                security=_STAFF_READING,
            ),
            "post": _operation(
                "createExperiment",
                "Make an experiment and start it.",
                {"201": made, **conflict},
                body="NewExperiment",
                security=_STAFF_WRITING,
            ),
        },
        "/api/experiments/{id}": {
            "get": _operation(
                "getExperiment",
                "Show an experiment.",
                {"200": experiment, **_NOT_FOUND},
                parameters=_ID_IN_PATH,
                security=_STAFF_READING,
            ),
            "patch": _operation(
                "changeExperiment",
                "Change what is given and leave the rest: all of it happens, or none.",
                {"200": experiment, **_NOT_FOUND, **conflict},
                body="ExperimentChanges",
                parameters=_ID_IN_PATH,
                security=_STAFF_WRITING,
            ),
        },
        "/api/toggles": {"get": _operation("listToggles", "List all toggles.", {"200": by_key})},
        "/api/toggles/{id}": {
            "patch": _operation(
                "switchToggle",
                "Switch a toggle, from the next page load on.",
                {"200": toggle, **_NOT_FOUND},
                body="ToggleChanges",
                parameters=_ID_IN_PATH,
                security=_STAFF_WRITING,
            )
        },
        "/api/events": {"post": _event("recordEvent")},
        "/api/track": {"post": _event("recordEventOfLandingPage")},
        "/api/events/batch": {
            "post": _operation(
                "recordEvents", "Record events: all or none.", batch, body="NewEvents"
            )
        },
        "/api/stats": {
            "get": _operation(
                "getStats",
                "An experiment's results, over all time or between two UTC days.",
                {"200": stats, **_NOT_FOUND},
                parameters=_stats_parameters(),
                security=_STAFF_READING,
            )
        },
    }


_DAY = "The {} UTC day, as an ISO 8601 date or a time within it. Empty is the same as none."


def _stats_parameters() -> list[Schema]:
    day: Schema = {"type": "string", "examples": ["2026-01-31", "2026-01-31T12:00:00Z"]}
    return [
        {"name": "experimentId", "in": "query", "required": True, "schema": GIVEN_ID},
        {"name": "startDate", "in": "query", "schema": day, "description": _DAY.format("first")},
        {"name": "endDate", "in": "query", "schema": day, "description": _DAY.format("last")},
    ]


def document() -> dict[str, Any]:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plainsplit",
            "version": settings.VERSION,
            "description": "A/B tests of landing pages: assignment, events, results. Every path "
            "answers OPTIONS with 204 and its methods in Allow, another method with 405, and an "
            "error in JSON. Unknown fields are ignored.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": _paths(),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made by `manage.py create_token NAME` or in the dashboard.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": settings.SESSION_COOKIE_NAME,
                    "description": "Signed in to the dashboard: viewers read, editors write.",
                },
                "csrf": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-CSRFToken",
                    "description": "With a session, on every write.",
                },
            },
        },
    }


@functools.cache
def _encoded() -> tuple[bytes, str]:
    """Return the description as it is sent, and its entity tag."""
    encoded = json.dumps(document(), separators=(",", ":")).encode()
    return encoded, f'"{sha256(encoded).hexdigest()[:32]}"'


@api_view(access={"GET": Access.ANYONE}, limits={})
def openapi(request: HttpRequest) -> Answer:
    """Send the description, or a 304 to a client that has it."""
    encoded, tag = _encoded()
    headers = {"Cache-Control": "public, max-age=300", "ETag": tag}
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        return Answer(304, None, headers)
    return Answer(200, encoded, headers)
