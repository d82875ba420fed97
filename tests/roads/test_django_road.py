"""What only a real server can show of Django's road: bytes on the wire, and headers twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.models import Experiment
from experiments.tests.factories import make_token
from tests.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def talk(site: Site, request: bytes) -> tuple[int, bytes, bytes]:
    """Send raw bytes; return the answer's status, headers and body."""
    with site.connect() as connection:
        connection.sendall(request)
        connection.settimeout(10)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), head.lower(), body


def test_body_in_chunks_is_read(site: Site) -> None:
    _, token = make_token()
    wanted = json.dumps(
        {"name": "Chunked", "variants": [{"name": "a"}, {"name": "b"}], "trafficSplit": [50, 50]}
    ).encode()
    parts = (wanted[:10], wanted[10:50], wanted[50:])
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = (
        b"POST /api/experiments HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        b"Authorization: Bearer %s\r\nConnection: close\r\n\r\n" % token.encode()
    )
    status, _, _ = talk(site, head + body)
    assert status == 201
    assert Experiment.objects.get().name == "Chunked"


def test_body_in_chunks_over_a_mebibyte_is_413(site: Site) -> None:
    _, token = make_token()
    head = (
        b"PATCH /api/toggles/a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: Bearer %s\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        % token.encode()
    )
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    status, _, body = talk(site, head + chunk * 17 + b"0\r\n\r\n")
    assert (status, json.loads(body).keys()) == (413, {"error"})


def test_head_has_the_headers_of_get_and_no_body(site: Site) -> None:
    for path in (b"/api/health", b"/api/toggles", b"/livez", b"/api/nothing"):
        request = b"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        status, head, body = talk(site, request % (b"HEAD", path))
        got_status, got_head, got_body = talk(site, request % (b"GET", path))
        assert (status, body) == (got_status, b"")
        assert got_body
        names, got_names = (
            {line.split(b":")[0] for line in lines.split(b"\r\n")[1:]} for lines in (head, got_head)
        )
        assert b"content-type" in names
        assert names >= got_names - {b"transfer-encoding", b"content-length"}


def test_odd_bytes_in_a_target_are_no_500(site: Site) -> None:
    for target in (
        *(b"/api/toggles?\xff=\xfe", b"/api/toggles?a=\xc3\xa9", b"/api/toggles?%00%ff&&=&"),
        *(b"/api/\xff\xfe", b"/api/experiments/%00", b"/\xff", b"/api/stats?startDate=\xff"),
    ):
        request = b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % target
        assert talk(site, request)[0] in (200, 400, 401, 404), target


def limited_site(tmp_path: Path, *, proxies: int) -> Site:
    return Site(
        tmp_path,
        CLIENT_ADDRESS_HEADER="X-Forwarded-For",
        TRUSTED_PROXY_COUNT=str(proxies),
        RATE_LIMIT_TOGGLES="3",
        RATE_LIMIT_EVENTS="3",
    )


ROADS = [(b"GET", b"/api/toggles"), (b"POST", b"/api/events")]


@pytest.mark.parametrize(("method", "path"), ROADS, ids=["Django's road", "hot road"])
def test_client_cannot_escape_its_limit_by_headers_of_its_own(
    tmp_path: Path, transactional_db: None, method: bytes, path: bytes
) -> None:
    site = limited_site(tmp_path, proxies=1)
    try:
        statuses = []
        for n in range(6):
            # What the client makes up comes first; the proxy appends, in the line or in one more.
            made_up = b"X-Forwarded-For: 9.9.9.%d\r\nX_Forwarded_For: 8.8.8.%d\r\n" % (n, n)
            seen = b"X-Forwarded-For: 7.7.7.%d, 203.0.113.1\r\n" % n
            request = b"%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n%s%s" % (
                *(method, path),
                *(made_up, seen),
            )
            statuses.append(talk(site, request + b"Connection: close\r\n\r\n{}")[0])
    finally:
        site.stop()
    assert 429 not in statuses[:3]
    assert statuses[3:] == [429] * 3


@pytest.mark.parametrize(("method", "path"), ROADS, ids=["Django's road", "hot road"])
def test_address_is_the_outermost_proxys_word_of_two(
    tmp_path: Path, transactional_db: None, method: bytes, path: bytes
) -> None:
    site = limited_site(tmp_path, proxies=2)
    try:
        statuses = []
        for n in range(6):
            request = (
                b"%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                b"X-Forwarded-For: 203.0.113.%d\r\nX-Forwarded-For: 10.0.0.1\r\n"
                b"Connection: close\r\n\r\n{}" % (method, path, n)
            )
            statuses.append(talk(site, request)[0])
    finally:
        site.stop()
    assert 429 not in statuses
