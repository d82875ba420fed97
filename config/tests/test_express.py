from __future__ import annotations

import pytest

from config.express import LONGEST_HEAD, Plain, read

LINES = {b"POST /api/events HTTP/1.1": "/api/events"}
PLAIN = (
    b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nX-Request-ID:  an-id\t\r\n"
    b"Content-Length: 2\r\n\r\n{}"
)


def test_read_plain_request_whole() -> None:
    headers = {b"host": b"localhost", b"x-request-id": b"an-id", b"content-length": b"2"}
    found = read(PLAIN, LINES)
    assert found is not None
    assert found == Plain("/api/events", found.head, b"{}")
    assert found.head.headers == headers
    # The same head is read once.
    again = read(PLAIN.replace(b"{}", b"[]"), LINES)
    assert again is not None
    assert again.head is found.head


def test_read_connection_that_is_to_be_kept() -> None:
    kept = PLAIN.replace(b"Host", b"Connection: Keep-Alive\r\nHost")
    assert read(kept, LINES) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PLAIN[:-1],
        PLAIN[:40],
        PLAIN + b"POST",
        PLAIN.replace(b"POST", b"PUT"),
        PLAIN.replace(b"events", b"elsewhere"),
        PLAIN.replace(b"events", b"events?a=b"),
        PLAIN.replace(b"1.1", b"1.0"),
        PLAIN.replace(b"\r\n", b"\n"),
        b"\r\n" + PLAIN,
        PLAIN.replace(b"Content-Length: 2\r\n", b""),
        PLAIN.replace(b": 2", b": +2"),
        PLAIN.replace(b": 2", b": 02"),
        PLAIN.replace(b": 2", b": 2, 2"),
        PLAIN.replace(b"Host", b"Content-Length: 2\r\nHost"),
        PLAIN.replace(b"Host", b"Host: elsewhere\r\nHost"),
        PLAIN.replace(b"Host", b"X-Forwarded-For: 1\r\nX-Forwarded-For: 2\r\nHost"),
        PLAIN.replace(b"Host", b"Transfer-Encoding: chunked\r\nHost"),
        PLAIN.replace(b"Host", b"Expect: 100-continue\r\nHost"),
        PLAIN.replace(b"Host", b"Upgrade: h2c\r\nHost"),
        PLAIN.replace(b"Host", b"Connection: close\r\nHost"),
        PLAIN.replace(b"Host", b"X_Under: score\r\nHost"),
        PLAIN.replace(b"Host", b"Host : spaced\r\nHost"),
        PLAIN.replace(b"Host", b"No-Colon\r\nHost"),
        PLAIN.replace(b"Host", b": nameless\r\nHost"),
        PLAIN.replace(b"Host", b"Folded: a\r\n b\r\nHost"),
        PLAIN.replace(b"an-id", b"an\x00id"),
        PLAIN.replace(b"an-id", b"an\rid"),
        PLAIN.replace(b"an-id", b"\xc3\xa9"),
        PLAIN.replace(b"an-id", b"x" * LONGEST_HEAD),
    ],
)
def test_read_leaves_all_else_to_the_server(data: bytes) -> None:
    assert read(data, LINES) is None
