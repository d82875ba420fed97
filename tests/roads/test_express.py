"""Calls that arrive in one piece, and what else may arrive on the same connection."""

from __future__ import annotations

import json
import threading
import uuid

import pytest

from experiments.models import Experiment
from metrics import recount
from metrics.models import Event
from tests.site import Site

from .pieces import answer_on, in_one_piece
from .test_hot_road import bodies, by_django, comparable

pytestmark = pytest.mark.slow

LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


def an_event(site: Site, experiment: Experiment) -> dict[str, str]:
    wish = {"visitorId": str(uuid.uuid4()), "experimentId": str(experiment.id)}
    variant = site.request("POST", "/api/assignments", wish).json["variantId"]
    return {**wish, "variantId": variant, "eventType": "click"}


def test_express_gives_the_answers_that_django_gives(site: Site, experiment: Experiment) -> None:
    for path, body in bodies(experiment):
        with site.connect() as connection:
            connection.sendall(in_one_piece(path, body))
            sent = answer_on(connection)
        django = by_django(path, body)
        assert (sent.status, sent.json) == (django.status, django.json), (path, body[:80])
        assert comparable(sent) == comparable(django)
        assert sent.headers["date"]


def test_express_request_id_comes_in_and_goes_out_and_is_logged(site: Site) -> None:
    head = "Host: localhost\r\nX-Request-ID: given-to-express"
    with site.connect() as connection:
        connection.sendall(in_one_piece("/api/events", b"{}", head))
        assert answer_on(connection).headers["x-request-id"] == "given-to-express"
    [line] = site.log_lines_of("given-to-express")
    assert (line["method"], line["path"], line["status"]) == ("POST", "/api/events", 400)


def test_connection_serves_both_roads_in_turn_and_in_parts(
    site: Site, experiment: Experiment
) -> None:
    event = json.dumps(an_event(site, experiment)).encode()
    whole = in_one_piece("/api/events", event)
    expected = []
    with site.connect() as connection:
        for data, status in [(whole, 201), (LIVEZ, 200), (whole, 201), (whole, 201)]:
            connection.sendall(data)
            expected.append(status)
            assert answer_on(connection).status == status
        for cut in (1, 30, len(whole) - len(event), len(whole) - 1):
            connection.sendall(whole[:cut])
            # Answered before: so the server has seen the first part by itself.
            assert site.request("GET", "/livez").status == 200
            connection.sendall(whole[cut:])
            assert answer_on(connection).status == 201
    assert Event.objects.count() == 7
    assert recount.differences() == []


def test_requests_behind_one_another_are_answered_in_order(
    site: Site, experiment: Experiment
) -> None:
    event = an_event(site, experiment)
    with site.connect() as connection:
        for statuses in ([201, 201], [201, 400, 201], [400, 201, 201, 400]):
            for status in statuses:
                body = json.dumps(event).encode() if status == 201 else b"{}"
                connection.sendall(in_one_piece("/api/events", body))
            connection.sendall(LIVEZ)
            # A new response may have read ahead of its own end, so all share one file.
            with connection.makefile("rb") as file:
                assert [_status(file) for _ in [*statuses, LIVEZ]] == [*statuses, 200]


def _status(file: object) -> int:
    line = file.readline()  # type: ignore[attr-defined]  # a socket's file
    length = 0
    while (field := file.readline()) != b"\r\n":  # type: ignore[attr-defined]  # as above
        name, _, value = field.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    file.read(length)  # type: ignore[attr-defined]  # as above
    return int(line.split()[1])


def test_connection_that_is_to_be_closed_is_closed_behind_the_answer(site: Site) -> None:
    with site.connect() as connection:
        connection.sendall(
            in_one_piece("/api/events", b"{}", "Host: localhost\r\nConnection: close")
        )
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 400")
    assert b"connection: close" in received.lower()


def test_callers_who_hang_up_cost_nobody_else_anything(site: Site, experiment: Experiment) -> None:
    body = json.dumps(an_event(site, experiment)).encode()
    whole = in_one_piece("/api/events", body)
    statuses: list[int] = []

    def stay() -> None:
        with site.connect() as connection:
            for _ in range(20):
                connection.sendall(whole)
                statuses.append(answer_on(connection).status)

    staying = [threading.Thread(target=stay) for _ in range(4)]
    for thread in staying:
        thread.start()
    for _ in range(40):
        with site.connect() as connection:
            connection.sendall(whole)
    for thread in staying:
        thread.join()
    assert statuses == [201] * 80
    assert Event.objects.count() >= 80
    assert recount.differences() == []
