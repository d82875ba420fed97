"""Who may call what: each path of the API for each caller."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experiments.models import Experiment, Toggle
from experiments.tests.factories import (
    ExperimentFactory,
    ToggleFactory,
    UserFactory,
    make_editor,
    make_token,
    make_viewer,
)
from experiments.tokens import revoke_token
from tests.api_client import ApiClient

pytestmark = pytest.mark.django_db

READS = [
    "/api/experiments",
    "/api/experiments/{experiment}",
    "/api/stats?experimentId={experiment}",
]
WRITES = [
    ("POST", "/api/experiments"),
    ("PATCH", "/api/experiments/{experiment}"),
    ("PATCH", "/api/toggles/{toggle}"),
]
OPEN = [
    ("GET", "/api/health"),
    ("GET", "/api/toggles"),
    ("GET", "/api/openapi.json"),
    *(("POST", f"/api/{name}") for name in ("assignments", "assign", "events", "track")),
    ("POST", "/api/events/batch"),
]


def signed_in(user: User, *, csrf: bool = True) -> ApiClient:
    """Return a browser's client, which sends cookies, and with `csrf` the token of a page."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user)
    if not csrf:
        return ApiClient(client=client)
    secret = "s" * 32
    client.cookies["csrftoken"] = secret
    return ApiClient(client=client, X_CSRFToken=secret)


CALLERS: dict[str, Callable[[], ApiClient]] = {
    "nobody": ApiClient,
    "wrong token": lambda: ApiClient("ps_0123456789ab_wrong"),
    "revoked token": lambda: ApiClient(revoked_token()),
    "stranger": lambda: signed_in(UserFactory.create()),
    "left editor": lambda: signed_in(make_editor(is_active=False)),
    "viewer": lambda: signed_in(make_viewer()),
    "editor": lambda: signed_in(make_editor()),
    "superuser": lambda: signed_in(UserFactory.create(is_superuser=True)),
    "token": lambda: ApiClient(make_token()[1]),
}
READING = {"nobody": 401, "wrong token": 401, "revoked token": 401, "stranger": 403}
READING |= {"left editor": 401, "viewer": 200, "editor": 200, "superuser": 200, "token": 200}
WRITING = READING | {"viewer": 403}


NEW_EXPERIMENT = {
    "name": "Hero",
    "variants": [{"name": "a"}, {"name": "b"}],
    "trafficSplit": [50, 50],
}


def revoked_token() -> str:
    row, text = make_token("revoked")
    revoke_token(token_id=row.id)
    return text


def filled_in(path: str) -> str:
    return path.format(experiment=ExperimentFactory().id, toggle=ToggleFactory.create().id)


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("caller", CALLERS)
def test_reading_by_each_caller(caller: str, path: str) -> None:
    call, path = CALLERS[caller](), filled_in(path)
    assert [call(method, path).status for method in ("GET", "HEAD")] == [READING[caller]] * 2


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("caller", CALLERS)
def test_writing_by_each_caller(caller: str, method: str, path: str) -> None:
    call, path = CALLERS[caller](), filled_in(path)
    body = {**NEW_EXPERIMENT, "enabled": True} if method == "POST" else {"enabled": True}
    before = Experiment.objects.count(), Toggle.objects.filter(enabled=True).count()
    expected = WRITING[caller]
    assert call(method, path, body).status == (
        201 if (expected, method) == (200, "POST") else expected
    )
    after = Experiment.objects.count(), Toggle.objects.filter(enabled=True).count()
    assert (after == before) == (expected != 200 or "experiments/" in path)


@pytest.mark.parametrize(("method", "path"), OPEN)
def test_what_is_open_needs_no_credential_and_looks_at_none(method: str, path: str) -> None:
    statuses = {ApiClient(token)(method, path, {}).status for token in ("", "ps_0123456789ab_no")}
    assert statuses <= {200, 400}
    assert len(statuses) == 1


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_writing_by_session_without_a_csrf_token_is_403(method: str, path: str) -> None:
    reply = signed_in(make_editor(), csrf=False)(method, filled_in(path), {"enabled": True})
    assert reply.status == 403
    assert "CSRF" in reply.body["error"]
    assert not Toggle.objects.filter(enabled=True).exists()


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_writing_by_session_as_a_form_is_refused(content_type: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_editor())
    client.cookies["csrftoken"] = "s" * 32
    body = b"csrfmiddlewaretoken=" + b"s" * 32
    response = client.generic("POST", "/api/experiments", body, content_type=content_type)
    assert response.status_code == 400
    assert "application/json" in response.json()["error"]


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer é",
        "bearer x y",
        "Bearer ps__",
        "Bearer ps_\x7f_x",
        "Bearer " + "x" * 5000,
    ],
)
def test_malformed_token_is_401_even_with_a_session(authorization: str) -> None:
    reply = signed_in(make_editor())("GET", "/api/experiments", Authorization=authorization)
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("authorization", ["Basic dXNlcjpwYXNz", "Token ps_x", "ps_x", ""])
def test_other_schemes_than_bearer_are_no_credential(authorization: str) -> None:
    assert ApiClient(Authorization=authorization)("GET", "/api/experiments").status == 401
    session = signed_in(make_viewer())
    assert session("GET", "/api/experiments", Authorization=authorization).status == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme_is_read_in_any_case(scheme: str) -> None:
    _, text = make_token()
    caller = ApiClient(Authorization=f"{scheme} {text}")
    assert caller("GET", "/api/experiments").status == 200
