"""Each path of the API counts against its own kind's limit, for each client address."""

from __future__ import annotations

import uuid
from types import SimpleNamespace

import django_ratelimit.core
import pytest
from django.test import Client
from pytest_django import Settings

from config.settings import RATE_LIMITS
from tests.api_client import ANYONE, ApiClient, Reply

pytestmark = pytest.mark.django_db

ID = str(uuid.uuid4())
GROUPS = {
    "assignments": [("POST", "/api/assignments"), ("POST", "/api/assign")],
    "experiments": [
        *(("GET", "/api/experiments"), ("POST", "/api/experiments")),
        *(("GET", f"/api/experiments/{ID}"), ("PATCH", f"/api/experiments/{ID}")),
    ],
    "toggles": [("GET", "/api/toggles"), ("HEAD", "/api/toggles"), ("PATCH", f"/api/toggles/{ID}")],
    "events": [("POST", "/api/events"), ("POST", "/api/track")],
    "batches": [("POST", "/api/events/batch")],
    "stats": [("GET", "/api/stats")],
    "health": [("GET", "/api/health"), ("HEAD", "/api/health")],
}


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No minute ends while a test counts."""
    monkeypatch.setattr(django_ratelimit.core, "time", SimpleNamespace(time=lambda: 1_800_000_000))


def test_limits_are_those_of_the_contract() -> None:
    assert {group: RATE_LIMITS[group] for group in GROUPS} == {
        **dict.fromkeys(("assignments", "experiments", "toggles"), 100),
        "events": 200,
        "batches": 50,
        "stats": 50,
        "health": 60,
    }


@pytest.mark.parametrize("group", GROUPS)
def test_paths_of_a_kind_share_its_limit_and_leave_the_others_alone(
    settings: Settings, staff: ApiClient, group: str
) -> None:
    calls = GROUPS[group]
    settings.RATE_LIMITS = {**dict.fromkeys(GROUPS, 1), group: len(calls)}
    assert 429 not in {staff(method, path, {}).status for method, path in calls}
    for method, path in calls:
        reply = staff(method, path, {})
        assert reply.status == 429
        assert 1 <= int(reply.headers["Retry-After"]) <= 60
        assert method == "HEAD" or reply.headers["Retry-After"] in reply.body["error"]
    others = [calls[0] for name, calls in GROUPS.items() if name != group]
    assert 429 not in {staff(method, path, {}).status for method, path in others}


def test_limit_counts_before_it_is_known_who_calls(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "experiments": 1}
    statuses = [ANYONE("GET", "/api/experiments").status for _ in range(2)]
    assert statuses == [401, 429]


def test_limit_is_no_obstacle_to_liveness_description_and_options(settings: Settings) -> None:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 1)
    for _ in range(3):
        assert ANYONE("GET", "/api/openapi.json").status == 200
        assert ANYONE("OPTIONS", "/api/health").status == 204
        assert Client().get("/livez").status_code == 200


def test_limit_behind_a_proxy_is_each_clients_own(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "toggles": 1}
    settings.CLIENT_ADDRESS_HEADER = "X-Forwarded-For"

    def call(forwarded_for: str) -> Reply:
        return ANYONE("GET", "/api/toggles", X_Forwarded_For=forwarded_for)

    assert call("203.0.113.1").status == 200
    assert call("203.0.113.2").status == 200
    for spoofed in ("203.0.113.1", "9.9.9.9, 203.0.113.1", "203.0.113.3,203.0.113.1"):
        assert call(spoofed).status == 429
