"""A client of the API for tests, which holds every answer against the description."""

from __future__ import annotations

import functools
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from django.test import Client

from config.openapi import document

NO_BODY = object()


@dataclass(frozen=True)
class Reply:
    """An answer. `body` is the parsed JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def wrong_fields(self) -> set[str]:
        assert self.status == 400, self.body
        assert self.body["error"] == "Validation failed"
        assert all(messages for messages in self.body["details"].values())
        return set(self.body["details"])


class ApiClient:
    """Calls the API with a token, with a signed-in Django client, or as anyone."""

    def __init__(self, token: str = "", client: Client | None = None, **headers: str) -> None:
        self._client = client or Client(raise_request_exception=False)
        self._headers = _named(headers)
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, body: object = NO_BODY, **headers: str) -> Reply:
        """Send a request: `body` is bytes, or anything that JSON can say."""
        payload = b"" if body is NO_BODY else body
        response = self._client.generic(
            method,
            path,
            payload if isinstance(payload, bytes) else json.dumps(payload).encode(),
            content_type="application/json",
            headers={**self._headers, **_named(headers)},
        )
        content = response.getvalue()
        is_json = response.headers.get("Content-Type") == "application/json"
        reply = Reply(
            response.status_code,
            response.headers,
            json.loads(content) if content and is_json else None,
        )
        check_described(method, path.partition("?")[0], reply)
        return reply


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


ANYONE = ApiClient()


def new_id() -> str:
    return str(uuid.uuid4())


def check_described(method: str, path: str, reply: Reply) -> None:
    """Fail where the description doesn't say what this answer is."""
    assert reply.headers["X-Request-ID"]
    if method == "OPTIONS":
        assert (reply.status, reply.body) == (204, None)
        return
    answers = _answers_to("get" if method == "HEAD" else method.lower(), path)
    if answers is None:
        assert reply.status in (400, 404, 405), (method, path, reply)
        assert method == "HEAD" or reply.body.keys() == {"error"}
        return
    assert str(reply.status) in answers, (method, path, reply)
    answer = answers[str(reply.status)]
    for name, header in answer["headers"].items():
        assert name in reply.headers or not header.get("required"), (name, reply)
    if method != "HEAD" and "content" in answer:
        _validator(json.dumps(answer["content"]["application/json"]["schema"])).validate(reply.body)


def _answers_to(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in _document()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method in operations:
            answers: dict[str, Any] = operations[method]["responses"]
            return answers
    return None


@functools.cache
def _document() -> dict[str, Any]:
    return document()


@functools.cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {**json.loads(schema), "components": _document()["components"]}, validate_formats=True
    )
