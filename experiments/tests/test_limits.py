from __future__ import annotations

import django_ratelimit.core
import pytest
from pytest_django import Settings

from experiments import limits
from experiments.answers import ApiError
from experiments.limits import Caller, check_limit, client_address, refusals

CALLER = Caller("192.0.2.1")
SECONDS = [0, 0.999, 1, 17, 17.5, 30, 59, 59.999]


def refusal_of(group: str, caller: Caller = CALLER) -> int | None:
    """Return the seconds of the 429's Retry-After, or None where the call is let through."""
    try:
        check_limit(group, caller)
    except ApiError as error:
        return int(error.answer.headers["Retry-After"]) if error.answer.status == 429 else -1
    return None


@pytest.fixture(autouse=True)
def small_limits(settings: Settings) -> None:
    settings.RATE_LIMITS = {"events": 5, "stats": 5, "health": 0}


class Clock:
    """Stands until a test moves it, so that no minute ends meanwhile."""

    now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(django_ratelimit.core, "time", clock)
    monkeypatch.setattr(limits, "time", clock)
    return clock


def test_limit_refuses_what_is_more_than_it_allows() -> None:
    answers = [refusal_of("events") for _ in range(8)]
    assert answers[:5] == [None] * 5
    assert all(seconds is not None and 1 <= seconds <= 60 for seconds in answers[5:])


def test_limit_counts_each_group_and_each_caller_alone() -> None:
    for _ in range(6):
        refusal_of("events")
    assert refusal_of("events") is not None
    assert refusal_of("stats") is None
    assert refusal_of("events", Caller("192.0.2.2")) is None
    assert refusal_of("events", Caller("192.0.2.1", "GET")) is not None


def test_limit_of_zero_is_no_limit() -> None:
    assert {refusal_of("health") for _ in range(50)} == {None}


@pytest.mark.parametrize("second", SECONDS)
def test_retry_after_leads_to_the_first_second_that_is_answered_again(
    second: float, clock: Clock
) -> None:
    clock.now += second
    for _ in range(5):
        assert refusal_of("events") is None
    seconds = refusal_of("events")
    assert seconds is not None
    began = clock.now
    clock.now = began + seconds - 1
    assert refusal_of("events") == 1
    clock.now = began + seconds
    assert refusal_of("events") is None


def test_group_of_calls_is_let_in_as_far_as_the_limit_has_room() -> None:
    assert refusals("events", {"192.0.2.1": 3, "192.0.2.2": 5}) == {}
    refused = refusals("events", {"192.0.2.1": 4, "192.0.2.2": 1, "192.0.2.3": 9})
    assert {address: let_in for address, (let_in, _) in refused.items()} == {
        "192.0.2.1": 2,
        "192.0.2.2": 0,
        "192.0.2.3": 5,
    }
    assert refusals("stats", {"192.0.2.1": 5}) == {}
    assert refusals("health", {"192.0.2.1": 500}) == {}


@pytest.mark.parametrize("second", SECONDS)
def test_groups_retry_after_leads_to_the_first_second_that_is_answered_again(
    second: float, clock: Clock
) -> None:
    clock.now += second
    [(_, refusal)] = refusals("events", {"192.0.2.1": 6}).values()
    assert refusal.answer.status == 429
    seconds = int(refusal.answer.headers["Retry-After"])
    assert 1 <= seconds <= 60
    clock.now += seconds - 1
    assert refusals("events", {"192.0.2.1": 1})
    clock.now += 1
    assert not refusals("events", {"192.0.2.1": 5})


PROXIED = "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("/run/site.sock", "unknown"),
    ],
)
def test_client_without_a_proxy_is_its_peer_whatever_it_claims(peer: str, address: str) -> None:
    assert client_address(peer, {"X-Forwarded-For": PROXIED, "X-Real-IP": PROXIED}.get) == address


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (1, PROXIED, PROXIED),
        (1, f"1.1.1.1, 2.2.2.2 ,{PROXIED}", PROXIED),
        (1, f"unknown, {PROXIED}", PROXIED),
        (1, f"1.1.1.1,{PROXIED},", PROXIED),
        (2, f"1.1.1.1, {PROXIED}, 10.0.0.2", PROXIED),
        (2, PROXIED, PROXIED),
        (3, f"{PROXIED}, 10.0.0.3, 10.0.0.2", PROXIED),
        (1, "2001:db8:1:2::7", "2001:db8:1:2::/64"),
        (1, "", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "unknown", "10.0.0.1"),
        (1, f"{PROXIED}, <script>", "10.0.0.1"),
        (0, PROXIED, "10.0.0.1"),
        (-1, PROXIED, "10.0.0.1"),
    ],
)
def test_client_behind_proxies_is_what_our_outermost_one_saw(
    settings: Settings, proxies: int, header: str | None, address: str
) -> None:
    settings.CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    settings.TRUSTED_PROXY_COUNT = proxies
    assert client_address("10.0.0.1", {"X-Forwarded-For": header}.get) == address
