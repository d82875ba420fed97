"""The reader of the API's examples notices what differs, and only that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.examples import Story, examples_of

ONE = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
THIRD = "16fd2706-8baf-433b-82eb-8c7fada847da"


@pytest.mark.parametrize(
    ("printed", "real"),
    [
        ({"a": 1, "b": [True, None]}, {"a": 1, "b": [True, None]}),
        ({"id": ONE}, {"id": OTHER}),
        ([ONE, ONE], [OTHER, OTHER]),
        ({"at": "2026-01-15T09:00:00.000Z"}, {"at": "2031-07-01T23:59:59.999Z"}),
        ({"text": "…"}, {"text": {"any": "thing"}}),
        ([1, "…"], [1, 2, 3]),
        ({"uptime": 1.5}, {"uptime": 99.25}),
        ({"p": 0.1}, {"p": 0.1 + 1e-13}),
    ],
)
def test_answer_as_printed_has_no_difference(printed: Any, real: Any) -> None:
    assert Story().difference(printed, real) == ""


@pytest.mark.parametrize(
    ("printed", "real"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 0.1}, {"a": 0.2}),
        ({"a": "text"}, {"a": "texts"}),
        ([1, 2], [1]),
        ([1, "…"], [2]),
        ([ONE, ONE], [OTHER, THIRD]),
        ({"id": ONE}, {"id": "no id"}),
        ({"error": {"a": [1]}}, {"error": {"a": [2]}}),
    ],
)
def test_answer_that_differs_is_told_with_its_place(printed: Any, real: Any) -> None:
    assert Story().difference(printed, real).startswith("answer")


def test_ids_of_answers_stand_for_the_real_ones_in_later_calls() -> None:
    story = Story()
    story.difference({"id": ONE}, {"id": OTHER})
    assert story.translate(f"/api/experiments/{ONE}?of={THIRD}") == (
        f"/api/experiments/{OTHER}?of={THIRD}"
    )


def test_call_without_its_answer_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\ncurl $URL/livez\n```\n\n```json\n{}\n```\n")
    with pytest.raises(ValueError, match="line 1: no `json STATUS` block follows"):
        examples_of(page)


def test_call_is_read_as_the_shell_reads_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```sh\nURL=http://localhost\n```\n\n```sh\n"
        'curl -X PATCH -H "Authorization: Bearer $TOKEN" \\\n  --json \'{"a": 1}\' $URL/x?b=2\n'
        "```\n\n```json 200\n[]\n```\n"
    )
    (example,) = examples_of(page)
    assert (example.method, example.path, example.status) == ("PATCH", "/x?b=2", 200)
    assert example.headers == {"Authorization": "Bearer $TOKEN"}
    assert example.body == '{"a": 1}'
