"""The JSON dialect: bodies read, texts judged, times written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from experiments import answers
from experiments.answers import Answer, ApiError, clean_uuid, is_storable_text, parse_body

LOWER = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "line 1, column 2"),
        (b"{'a': 1}", "not valid JSON"),
        (b'{"a": 1,}', "not valid JSON"),
        (b'{"a": 1} x', "not valid JSON"),
        (b'{"a": "\n"}', "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "UTF-8"),
        ("{}".encode("utf-16"), "UTF-8"),
        (b"[]", "JSON object"),
        (b"null", "JSON object"),
        (b'"text"', "JSON object"),
        (b"7", "JSON object"),
        (b'{"a": NaN}', "number"),
        (b'{"a": -Infinity}', "number"),
        (b'{"a": 1e999}', "number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number"),
        (nested(answers.MAX_DEPTH + 1), "levels deep"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "levels deep"),
        (b"[" * 500_000, "levels deep"),
        (b'{"a":' * 100_000, "levels deep"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else value,
)
def test_body_that_cannot_be_used_is_400_and_says_why(body: bytes, says: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_body(body)
    assert caught.value.answer.status == 400
    assert says in caught.value.answer.body["error"]


@pytest.mark.parametrize(
    "body", [b"{}", nested(answers.MAX_DEPTH), b'{"a": [' + b"[]," * 5000 + b"0]}"]
)
def test_body_that_can_be_used_is_read(body: bytes) -> None:
    assert parse_body(body) == json.loads(body)


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        (LOWER, LOWER),
        (LOWER.upper(), LOWER),
        *((wrong, None) for wrong in (LOWER.replace("-", ""), f"{{{LOWER}}}", f"{LOWER}\n", "")),
        *((wrong, None) for wrong in (f"urn:uuid:{LOWER}", "xyz", "g" + LOWER[1:], " " + LOWER)),
        *((wrong, None) for wrong in (None, 7, True, [LOWER], {"id": LOWER})),
        (LOWER.replace("0", "٠"), None),
    ],
)
def test_uuid_is_cleaned_or_refused(given: object, clean: str | None) -> None:
    assert clean_uuid(given) == clean


@pytest.mark.parametrize(
    ("text", "is_storable"),
    [
        ("", True),
        ("𝒜é", True),
        ("\x01", True),
        ("\x00", False),
        ("\ud800", False),
    ],
)
def test_text_is_judged_by_what_the_database_keeps(text: str, is_storable: bool) -> None:
    assert is_storable_text(text) is is_storable


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 2, 3, 4, 5, 6789, UTC),
        datetime(2026, 1, 2, 5, 34, 5, 6789, timezone(timedelta(hours=2, minutes=30))),
    ],
)
def test_timestamp_is_utc_with_milliseconds(moment: datetime) -> None:
    assert answers.timestamp(moment) == "2026-01-02T03:04:05.006Z"


def test_answer_is_encoded_as_json_or_as_nothing() -> None:
    assert Answer(200, {"é": [1, None]}).encoded() == b'{"\\u00e9":[1,null]}'
    assert Answer(204, None).encoded() == b""
    assert Answer(200, b"{}").encoded() == b"{}"
    with pytest.raises(ValueError, match="JSON"):
        Answer(200, {"a": float("nan")}).encoded()
