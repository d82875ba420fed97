"""What the API answers to requests that no row of the contract is about."""

from __future__ import annotations

import io
import json
import logging
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, RequestFactory

from config.openapi import document
from experiments import http, selectors
from experiments.answers import ApiError
from experiments.tests.factories import ExperimentFactory, ToggleFactory
from tests.api_client import ANYONE, ApiClient, Reply

pytestmark = pytest.mark.django_db

ALL_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"}
OPERATIONS = {
    path.replace("{id}", str(uuid.uuid4())): {method.upper() for method in operations}
    for path, operations in document()["paths"].items()
}
TAKING_BODIES = [
    (method, path)
    for path, methods in OPERATIONS.items()
    for method in sorted(methods & {"POST", "PATCH"})
]


@pytest.mark.parametrize("path", OPERATIONS)
def test_other_methods_are_405_with_those_that_are_answered(path: str) -> None:
    answered = OPERATIONS[path] | {"OPTIONS"} | ({"HEAD"} if "GET" in OPERATIONS[path] else set())
    allow = ", ".join(sorted(answered))
    for method in sorted(ALL_METHODS - answered):
        reply = ANYONE(method, path)
        assert (reply.status, reply.headers["Allow"]) == (405, allow), method
    options = ANYONE("OPTIONS", path)
    assert (options.status, options.headers["Allow"]) == (204, allow)
    assert "Content-Type" not in options.headers


@pytest.mark.parametrize("path", ["/api/health", "/api/toggles", "/api/openapi.json"])
def test_head_is_answered_as_get_is(path: str) -> None:
    head, get = ANYONE("HEAD", path), ANYONE("GET", path)
    assert head.status == get.status == 200
    assert head.body is None
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize(
    "path",
    [
        *("/api", "/api/", "/api/nothing", "/api/experiments/", "/api/health/", "/api//health"),
        *("/api/Toggles", "/api/experiments/a/b", "/api/%00", "/api/%ff", "/api/../api/health"),
        *("/api/experiments/%2e%2e/toggles", "/api/" + "x" * 3000, "/api/events/batch/", "/api/é"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path_is_404_in_json_and_no_redirect(method: str, path: str) -> None:
    reply = ANYONE(method, path)
    assert (reply.status, reply.headers["Content-Type"]) == (404, "application/json")
    assert reply.body.keys() == {"error"}


@pytest.mark.parametrize("id_", ["xyz", "%00", "%ff", "é", "1", "a0eebc99", "null", "'--", " "])
def test_malformed_id_in_a_path_is_400(staff: ApiClient, id_: str) -> None:
    for method, path in (("GET", "experiments"), ("PATCH", "experiments"), ("PATCH", "toggles")):
        assert staff(method, f"/api/{path}/{id_}", {"enabled": True}).wrong_fields == {"id"}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"text"', b'{"name": "\xff"}', b"\x00", b'{"a": 1e999}'),
        *(b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 5000 + b"}"),
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize(("method", "path"), TAKING_BODIES)
def test_malformed_body_is_400(staff: ApiClient, method: str, path: str, body: bytes) -> None:
    reply = staff(method, path, body)
    assert (reply.status, reply.body.keys()) == (400, {"error"})


@pytest.mark.parametrize("name", ["visitorId", "experimentId", "name", "enabled", "events"])
@pytest.mark.parametrize(("method", "path"), TAKING_BODIES)
def test_odd_values_are_never_a_500(staff: ApiClient, method: str, path: str, name: str) -> None:
    values: list[Any] = [None, True, 0, -1, 1.5, 10**40, "", "\x00", "\ud800", "x" * 9999]
    values += [[], {}, [[]], [{}], [None], {"": ""}, [{"visitorId": "\x00"}] * 3]
    for value in values:
        assert staff(method, path, {name: value}).status in (400, 404)


@pytest.mark.parametrize(("method", "path"), TAKING_BODIES)
def test_body_over_a_mebibyte_is_413_and_one_of_a_mebibyte_is_not(
    staff: ApiClient, method: str, path: str
) -> None:
    start = b'{"unknown": "'
    whole = start + b"x" * (settings.MAX_BODY_BYTES - len(start) - 2) + b'"}'
    assert len(whole) == settings.MAX_BODY_BYTES
    assert staff(method, path, whole + b" ").status == 413
    assert staff(method, path, whole).status in (400, 404)


@pytest.mark.parametrize(
    ("size", "status"), [(0, 400), (10, 200), (2**20, 200), (2**20 + 1, 413), (2**22, 413)]
)
def test_chunked_body_is_read_to_its_end_and_no_further_than_a_mebibyte(
    size: int, status: int
) -> None:
    class Chunks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 <= size <= settings.MAX_BODY_BYTES + 1
            return super().read(min(size, 65_536))

    stream = Chunks(b"{" + b" " * (size - 2) + b"}" if size else b"")
    request = RequestFactory().post("/api/events", headers={"Transfer-Encoding": "chunked"})
    del request.META["CONTENT_LENGTH"]
    request.META["wsgi.input"] = stream
    try:
        assert http.body_of(request) == {}
        answered = 200
    except ApiError as refusal:
        answered = refusal.answer.status
    assert answered == status
    assert stream.tell() <= settings.MAX_BODY_BYTES + 1


@pytest.mark.parametrize("length", ["-5", "x", "1e3", "99999999999999999999"])
def test_nonsense_for_a_content_length_is_no_500(length: str) -> None:
    request = RequestFactory().post("/api/events", b"{}", content_type="application/json")
    request.META["CONTENT_LENGTH"] = length
    with pytest.raises(ApiError) as caught:
        http.body_of(request)
    assert caught.value.answer.status in (400, 413)


@pytest.mark.parametrize("query", ["?", "?%00", "?a=%ff&a=%00", "?&&&", "?=%", "?" + "a=1&" * 3000])
@pytest.mark.parametrize("path", ["/api/experiments", "/api/toggles", "/api/health", "/api/stats"])
def test_junk_in_a_query_is_no_500(staff: ApiClient, path: str, query: str) -> None:
    assert staff("GET", path + query).status == (400 if path == "/api/stats" else 200)


@pytest.mark.parametrize("path", ["/api/health", "/api/nothing", "/api/toggles"])
@pytest.mark.parametrize("host", ["elsewhere.test", "localhost:x", "", "a b"])
def test_host_that_is_not_ours_is_400_in_json(path: str, host: str) -> None:
    reply = ANYONE("GET", path, Host=host)
    assert (reply.status, reply.body.keys()) == (400, {"error"})


def test_host_that_is_not_ours_is_400_for_pages_too() -> None:
    assert Client(headers={"Host": "elsewhere.test"}).get("/").status_code == 400


def test_fault_of_ours_is_500_in_json_and_tells_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(selectors, "toggles_by_key", fail)
    response = Client(raise_request_exception=False).get("/api/toggles")
    assert (response.status_code, response.json().keys()) == (500, {"error"})
    assert b"secret" not in response.content
    [logged] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert logged.exc_info
    assert logged.exc_info[0] is ZeroDivisionError


def test_lost_database_is_503_with_retry_after(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(selectors, "toggles_by_key", fail)
    reply = ANYONE("GET", "/api/toggles")
    assert (reply.status, reply.headers["Retry-After"]) == (503, "1")


def test_answers_are_json_that_nobody_keeps(staff: ApiClient) -> None:
    ToggleFactory()
    experiment = ExperimentFactory()
    replies: list[Reply] = [
        *(staff("GET", path) for path in ("/api/experiments", "/api/toggles", "/api/health")),
        staff("GET", f"/api/experiments/{experiment.id}"),
        staff("PATCH", f"/api/experiments/{experiment.id}", {"name": ""}),
        ANYONE("GET", "/api/nothing"),
        ANYONE("DELETE", "/api/toggles"),
    ]
    for reply in replies:
        assert reply.headers["Content-Type"] == "application/json"
        assert reply.headers["Cache-Control"] == "no-store"
        json.dumps(reply.body)
