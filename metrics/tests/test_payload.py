from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.answers import ApiError
from metrics.ingest.payload import EMAIL_REMOVED, parse_batch, parse_single

EVENT = {
    "visitorId": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
    "experimentId": str(uuid.UUID(int=1, version=4)),
    "variantId": str(uuid.UUID(int=2, version=4)),
    "eventType": "page_view",
}
# Without NUL and halves of surrogate pairs, which PostgreSQL refuses; those have tests above.
TEXT = st.text(st.characters(exclude_characters="\x00", codec="utf-8"))
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=10,
)


def details_of(parse: Any, body: Any) -> dict[str, list[str]]:
    with pytest.raises(ApiError) as refused:
        parse(json.dumps(body).encode())
    assert refused.value.answer.status == 400
    details: dict[str, list[str]] = refused.value.answer.body["details"]
    return details


def test_parse_single_canonicalises_ids_and_makes_one_where_none_came() -> None:
    [event] = parse_single(json.dumps(EVENT).encode()).events
    assert event.visitor_id == EVENT["visitorId"].lower()
    assert uuid.UUID(event.id).version == 4
    assert event.metadata == "{}"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"visitorId": None}, {"visitorId"}),
        ({"visitorId": 7, "eventType": "sale"}, {"visitorId", "eventType"}),
        ({"id": "not-a-uuid"}, {"id"}),
        ({"eventType": ["page_view"]}, {"eventType"}),
        ({"metadata": []}, {"metadata"}),
        ({"metadata": {"a": "\x00"}}, {"metadata"}),
        ({"metadata": {"\ud800": 1}}, {"metadata"}),
        ({"metadata": {"a": [{"b": "\udfff"}]}}, {"metadata"}),
        ({"metadata": {"a": "x" * 16_001}}, {"metadata"}),
    ],
)  # fmt: skip
def test_parse_single_names_every_wrong_field(change: dict[str, Any], wrong: set[str]) -> None:
    assert set(details_of(parse_single, {**EVENT, **change})) == wrong


def test_parse_batch_says_which_event_is_wrong() -> None:
    body = {"events": [EVENT, {**EVENT, "eventType": "sale"}, 5]}
    [first, second] = details_of(parse_batch, body)["events"]
    assert first.startswith("[1].eventType: Must be one of page_view")
    assert second == "[2].event: Must be an object."


@pytest.mark.parametrize("events", [None, {}, "x", [], [EVENT] * 501])
def test_parse_batch_takes_one_to_five_hundred_events(events: Any) -> None:
    assert set(details_of(parse_batch, {"events": events})) == {"events"}


def test_parse_batch_refuses_one_id_for_two_events_and_takes_a_repeat() -> None:
    one = {**EVENT, "id": str(uuid.uuid4())}
    assert details_of(parse_batch, {"events": [one, {**one, "eventType": "click"}]}) == {
        "events": ["[1].id: Must not be the id of another event of this batch."]
    }
    assert len(parse_batch(json.dumps({"events": [one, one]}).encode()).events) == 2


@pytest.mark.parametrize(
    "metadata",
    [
        {"email": "a.b@company.example"},
        {"a": ['say "hi" to a.b@company.example"']},
        {"a": {"b": "line\na.b@company.example\\"}},
        {"a.b@company.example": 1},
    ],
)
def test_parse_removes_addresses_and_keeps_valid_json(metadata: dict[str, Any]) -> None:
    [event] = parse_single(json.dumps({**EVENT, "metadata": metadata}).encode()).events
    json.loads(event.metadata)
    assert "company.example" not in event.metadata
    assert EMAIL_REMOVED in event.metadata


@given(st.dictionaries(TEXT, JSON_VALUES, max_size=4).filter(lambda m: "@" not in str(m)))
def test_parse_any_metadata_that_can_be_stored_is_kept_as_it_came(metadata: dict[str, Any]) -> None:
    body = json.dumps({**EVENT, "metadata": metadata}).encode()
    [event] = parse_single(body).events
    assert json.loads(event.metadata) == metadata
