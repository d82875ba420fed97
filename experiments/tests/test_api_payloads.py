"""What callers may send: every wrong field is named, and what is right comes through unchanged."""

from __future__ import annotations

from typing import Any

import pytest

from experiments import payloads
from experiments.answers import ApiError
from experiments.lifecycle import Status

GOOD: dict[str, Any] = {
    "name": "Hero",
    "description": "Which hero?",
    "variants": [{"name": "control"}, {"name": "b", "description": "Another"}],
    "trafficSplit": [50, 50],
}
NUL, LONE_SURROGATE, FULL_WIDTH = "a\x00b", "a\ud800b", "𝒜" * 200


def wrong_fields(read: Any, body: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(ApiError) as caught:
        read(body)
    answer = caught.value.answer
    assert (answer.status, answer.body["error"]) == (400, "Validation failed")
    details: dict[str, list[str]] = answer.body["details"]
    assert all(message.endswith(".") for messages in details.values() for message in messages)
    return details


def variants(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"variants": [{"name": f"v{n}", **change} for n, change in enumerate(changes)]}


WRONG_TEXTS: list[Any] = [None, 7, True, [], {}, NUL, LONE_SURROGATE]
WRONG_SPLITS: list[Any] = [
    *(None, 50, "50,50", {}, [], [100], [50], ["50", "50"], [50.5, 49.5], [True, 99], [None, 100]),
    *(
        [60, 50],
        [50, 49],
        [150, -50],
        [10**30, -(10**30)],
        [[50], [50]],
        [10] * 11,
        [float(101), 0],
    ),
]
WRONG_CONTENTS: list[Any] = [None, [], "x", {"nothing": "x"}]
WRONG_VARIANTS: list[Any] = [
    *(None, {}, "control", [], [{"name": "one"}], [None, None], ["a", "b"], [{}, {}]),
    *([{"name": f"v{n}"} for n in range(11)], [[], []]),
    *([{"name": "a"}, {"name": name}] for name in [*WRONG_TEXTS, "", " \t\n", "x" * 101]),
    *([{"name": "a"}, {"name": "b", "description": d}] for d in [*WRONG_TEXTS, "x" * 501]),
    *([{"name": "a"}, {"name": "b", "content": c}] for c in WRONG_CONTENTS),
    *(
        [{"name": "a"}, {"name": "b", "content": {"cta_label": text}}]
        for text in [*WRONG_TEXTS, "x" * 1000]
    ),
]


@pytest.mark.parametrize("name", [*WRONG_TEXTS, "", "  ", "\u2003", "x" * 201])
def test_wrong_name_is_named(name: object) -> None:
    assert wrong_fields(payloads.new_experiment, {**GOOD, "name": name}).keys() == {"name"}
    assert wrong_fields(payloads.experiment_changes, {"name": name}).keys() == {"name"}


@pytest.mark.parametrize("description", [*WRONG_TEXTS, "x" * 1001])
def test_wrong_description_is_named(description: object) -> None:
    body = {"description": description}
    assert wrong_fields(payloads.new_experiment, {**GOOD, **body}).keys() == {"description"}
    assert wrong_fields(payloads.experiment_changes, body).keys() == {"description"}


@pytest.mark.parametrize("split", WRONG_SPLITS)
def test_wrong_traffic_split_is_named(split: object) -> None:
    body = {"trafficSplit": split}
    assert wrong_fields(payloads.new_experiment, {**GOOD, **body}).keys() == {"trafficSplit"}
    assert wrong_fields(payloads.experiment_changes, body).keys() == {"trafficSplit"}


@pytest.mark.parametrize("given", WRONG_VARIANTS)
def test_wrong_variants_are_named(given: object) -> None:
    body = {**GOOD, "variants": given}
    assert wrong_fields(payloads.new_experiment, body).keys() == {"variants"}


@pytest.mark.parametrize("status", [None, "", "ACTIVE", "archived", 1, True, [], {}, ["active"]])
def test_wrong_status_is_named(status: object) -> None:
    assert wrong_fields(payloads.experiment_changes, {"status": status}).keys() == {"status"}


@pytest.mark.parametrize("body", [{}, {"enabled": None}, *({"enabled": e} for e in (0, 1, "on"))])
def test_wrong_enabled_is_named(body: dict[str, Any]) -> None:
    assert wrong_fields(payloads.toggle_enabled, body).keys() == {"enabled"}


def test_every_wrong_field_is_named_at_once() -> None:
    assert wrong_fields(payloads.new_experiment, {}).keys() == {"name", "variants", "trafficSplit"}
    all_wrong = {"name": "", "description": 1, "variants": [], "trafficSplit": [1, 2]}
    assert wrong_fields(payloads.new_experiment, all_wrong).keys() == all_wrong.keys()
    changes = {"name": "", "description": 1, "status": "off", "trafficSplit": [1, 2]}
    assert wrong_fields(payloads.experiment_changes, changes).keys() == changes.keys()


def test_messages_say_where_and_what() -> None:
    body = {**GOOD, **variants({}, {"name": "", "description": 5, "content": {"cta_label": 5}})}
    assert wrong_fields(payloads.new_experiment, body)["variants"] == [
        "[1].name: Must not be blank.",
        "[1].description: Must be a text.",
        "[1].content.cta_label: Must be a text.",
    ]
    split = {**GOOD, "trafficSplit": [50, 101]}
    assert wrong_fields(payloads.new_experiment, split)["trafficSplit"] == [
        "[1]: Must be from 0 to 100."
    ]
    sums = {**GOOD, "trafficSplit": [50, 40]}
    assert "10 short" in wrong_fields(payloads.new_experiment, sums)["trafficSplit"][0]


def test_lists_of_two_lengths_are_refused() -> None:
    body = {**GOOD, "trafficSplit": [50, 30, 20]}
    assert wrong_fields(payloads.new_experiment, body) == {
        "trafficSplit": ["Has 3 entries for 2 variants."]
    }


def test_experiment_at_every_limit_is_read_as_it_is() -> None:
    many = variants(*({"name": "n" * 100, "description": "d" * 500} for _ in range(10)))
    body = {"name": FULL_WIDTH, "description": "d" * 1000, **many, "trafficSplit": [10.0] * 10}
    wanted = payloads.new_experiment({**body, "unknown": object()})
    assert (wanted.name, wanted.description) == (FULL_WIDTH, "d" * 1000)
    assert [variant.weight for variant in wanted.variants] == [10] * 10
    assert all(isinstance(variant.weight, int) for variant in wanted.variants)
    assert wanted.variants[9].description == "d" * 500


def test_what_is_left_out_has_its_default() -> None:
    body = {name: value for name, value in GOOD.items() if name != "description"}
    wanted = payloads.new_experiment(body)
    assert wanted.description == wanted.variants[0].description == ""
    assert wanted.variants[0].content == {}
    assert payloads.experiment_changes({}) == payloads.ExperimentChanges()
    assert payloads.experiment_changes({"status": "paused"}).status is Status.PAUSED


def test_content_comes_through() -> None:
    body = {**GOOD, **variants({}, {"content": {"cta_label": "Try it", "hero_text": ""}})}
    control, treatment = payloads.new_experiment(body).variants
    assert control.content == {}
    assert treatment.content == {"cta_label": "Try it", "hero_text": ""}
