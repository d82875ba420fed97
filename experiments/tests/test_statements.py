from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from experiments.statements import array, run

MOMENT = datetime(2026, 3, 1, 12, 30, 0, 250_000, UTC)
ID = UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", []),
        ("text", [""]),
        ("text", ["plain", "with space", "a,b", "{}", "NULL", "null", "é🙂", "\n\t"]),
        ("text", ['"', "\\", '\\"', '","', '{"depth":50,"text":"a\\"b\\\\c"}']),
        ("text", [None, "", "NULL", '"', None]),
        ("text", [None, None]),
        ("uuid", [ID, None, ID]),
        ("int", [1, -2, None, 2_000_000_000]),
        ("boolean", [True, False, None]),
        ("timestamptz", [MOMENT, None]),
    ],
)
def test_array_comes_back_as_it_was(kind: str, values: list[Any]) -> None:
    [(found,)] = run(f"SELECT %(values)s::{kind}[]", {"values": values})
    assert found == values


def test_array_of_nothing_is_empty() -> None:
    assert array([]) == "{}"


def test_array_takes_no_text_that_could_end_it() -> None:
    with pytest.raises(DataError, match="NUL"):
        array(["a", "b\0c"])


@pytest.mark.django_db
def test_run_takes_a_name_twice_and_a_percent_sign() -> None:
    sql = "SELECT %(a)s::int + %(a)s::int, %(b)s::text, 5 %% 3, 'x' LIKE '%%'"
    assert run(sql, {"b": "it's", "a": 2, "unused": 0}) == [(4, "it's", 2, True)]


@pytest.mark.django_db
def test_run_is_among_the_queries_that_tests_count() -> None:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        run("SELECT %(a)s::int", {"a": 1})
    assert [query["sql"] for query in captured] == ["SELECT %(a)s::int"]
