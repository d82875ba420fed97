"""The hot road answers as Django's road does, over real HTTP."""

from __future__ import annotations

import json
import socket
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from experiments.lifecycle import Transition
from experiments.models import Experiment
from experiments.services import transition_experiment
from experiments.tests.factories import variants_of
from metrics import recount
from metrics.models import Event
from tests.site import Reply, Site

pytestmark = pytest.mark.slow

PATHS = (
    "/api/assignments",
    "/api/assign",
    "/api/events",
    "/api/track",
    "/api/events/batch",
)
# What may differ between two answers to the same request.
UNLIKE = {"date", "server", "x-request-id", "connection", "transfer-encoding", "content-length"}


def by_django(path: str, body: bytes, **headers: str) -> Reply:
    response = Client().post(path, body, content_type="application/json", headers=headers)
    names = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, names, response.content)


def comparable(reply: Reply) -> dict[str, str]:
    headers = {name: value for name, value in reply.headers.items() if name not in UNLIKE}
    # The order of its directives means nothing.
    policy = headers["content-security-policy"].split("; ")
    return {**headers, "content-security-policy": "; ".join(sorted(policy))}


def bodies(experiment: Experiment) -> list[tuple[str, bytes]]:
    """Return requests of every outcome that the same state gives on both roads."""
    ids = {"visitorId": str(uuid.uuid4()), "experimentId": str(experiment.id)}
    foreign = {**ids, "variantId": str(uuid.uuid4()), "eventType": "click"}
    return [
        *[(path, b"{") for path in PATHS],
        *[(path, b"[]") for path in PATHS],
        *[(path, b"\xff\xfe") for path in PATHS],
        *[(path, b'{"visitorId": 7, "events": {}}') for path in PATHS],
        *[(path, b"[" * 100_000) for path in PATHS],
        *[(path, b" " * (1024 * 1024 + 1)) for path in PATHS],
        ("/api/assignments", json.dumps({**ids, "experimentId": str(uuid.uuid4())}).encode()),
        ("/api/events", json.dumps(foreign).encode()),
        ("/api/events", json.dumps({**foreign, "metadata": {"a": "\x00"}}).encode()),
        ("/api/events/batch", json.dumps({"events": [foreign, {}]}).encode()),
        ("/api/events/batch", json.dumps({"events": [foreign] * 501}).encode()),
    ]


def test_both_roads_give_one_answer_to_each_request(site: Site, experiment: Experiment) -> None:
    for path, body in bodies(experiment):
        hot = site.request("POST", path, body, {"Content-Type": "application/json"})
        django = by_django(path, body)
        assert (hot.status, hot.json) == (django.status, django.json), (path, body[:80])
        assert hot.status < 500
        assert comparable(hot) == comparable(django)


def test_visitor_is_assigned_and_counted_on_the_hot_road(
    site: Site, experiment: Experiment
) -> None:
    ids = {"visitorId": str(uuid.uuid4()).upper(), "experimentId": str(experiment.id)}
    assigned = site.request("POST", "/api/assign", ids)
    assert assigned.status == 200
    assert assigned.json["visitorId"] == ids["visitorId"].lower()
    event = {**ids, "variantId": assigned.json["variantId"], "eventType": "cta_click"}
    event["id"] = str(uuid.uuid4())
    first, again = (site.request("POST", "/api/track", event) for _ in range(2))
    assert first.status == again.status == 201
    assert first.json == again.json
    assert first.json["id"] == event["id"]
    del event["id"]
    batch = site.request("POST", "/api/events/batch", {"events": [event, event]})
    assert (batch.status, batch.json["count"]) == (201, 2)
    assert Event.objects.count() == 3
    assert recount.differences() == []


def test_a_change_of_status_holds_for_the_very_next_call(
    site: Site, experiment: Experiment
) -> None:
    def assign() -> int:
        wish = {"visitorId": str(uuid.uuid4()), "experimentId": str(experiment.id)}
        return site.request("POST", "/api/assignments", wish).status

    assert assign() == 200
    for _ in range(5):
        transition_experiment(experiment_id=experiment.id, transition=Transition.PAUSE)
        assert assign() == 409
        transition_experiment(experiment_id=experiment.id, transition=Transition.RESUME)
        assert assign() == 200


def test_request_id_comes_in_and_goes_out_and_is_logged(site: Site) -> None:
    given = "given-by-the-caller"
    answer = site.request("POST", "/api/events", "{}", {"X-Request-ID": given})
    assert answer.headers["x-request-id"] == given
    made = site.request("POST", "/api/events", "{}", {"X-Request-ID": "bad id\t"})
    assert made.headers["x-request-id"] not in ("", "bad id\t")
    lines = site.log_lines_of(given)
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("POST", "/api/events", 400)
    ]


def test_unknown_host_and_oversized_chunked_body_are_refused(site: Site) -> None:
    assert site.request("POST", "/api/events", "{}", {"Host": "elsewhere.test"}).status == 400
    with site.connect() as connection:
        connection.sendall(
            b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        answer = _send_chunks_until_answered(connection)
    assert answer.startswith(b"HTTP/1.1 413")


def _send_chunks_until_answered(connection: socket.socket) -> bytes:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    try:
        for _ in range(40):
            connection.sendall(chunk)
    except ConnectionError:
        pass
    return connection.recv(65536)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_on_hot_paths_are_405(site: Site, method: str) -> None:
    for path in PATHS:
        answer = site.request(method, path)
        assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")


def test_one_bad_call_in_a_group_costs_its_neighbours_nothing(
    site: Site, experiment: Experiment
) -> None:
    """Calls sent at once, so that they meet in groups: half of them name a foreign variant."""
    ids = [str(variant.id) for variant in variants_of(experiment)]
    connections: list[tuple[bool, socket.socket]] = []
    expected = 0
    for n in range(60):
        visitor = str(uuid.uuid4())
        own = site.request(
            "POST", "/api/assignments", {"visitorId": visitor, "experimentId": str(experiment.id)}
        ).json["variantId"]
        is_good = n % 2 == 0
        variant = own if is_good else next(i for i in ids if i != own)
        body: dict[str, Any] = {
            "visitorId": visitor,
            "experimentId": str(experiment.id),
            "variantId": variant,
            "eventType": "page_view",
        }
        content = json.dumps(body).encode()
        head = f"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n"
        connection = site.connect()
        connection.sendall(head.encode() + b"\r\n" + content[:-1])
        connections.append((is_good, connection))
        expected += is_good
    for _, connection in connections:
        connection.sendall(b"}")
    for is_good, connection in connections:
        with connection:
            status = connection.recv(65536).split()[1]
        assert status == (b"201" if is_good else b"400")
    assert Event.objects.count() == expected
    assert recount.differences() == []


def test_a_caller_who_hangs_up_cancels_nobodys_commit(
    experiment: Experiment, tmp_path: Path
) -> None:
    site = Site(tmp_path)
    visitor = str(uuid.uuid4())
    wish = {"visitorId": visitor, "experimentId": str(experiment.id)}
    variant = site.request("POST", "/api/assignments", wish).json["variantId"]
    event = {**wish, "variantId": variant, "eventType": "click"}
    content = json.dumps(event).encode()
    head = f"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n\r\n"
    for _ in range(20):
        with site.connect() as connection:
            connection.sendall(head.encode() + content)
    acknowledged = [site.request("POST", "/api/events", event) for _ in range(20)]
    assert {reply.status for reply in acknowledged} == {201}
    assert site.stop() == 0
    kept = {str(i) for i in Event.objects.values_list("id", flat=True)}
    assert {reply.json["id"] for reply in acknowledged} <= kept
    assert recount.differences() == []
