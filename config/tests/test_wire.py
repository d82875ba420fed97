"""Statements that the event loop runs itself, on a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg
import pytest
from django.db import connection

from config.tests.looping import run_loop
from config.wire import Wire
from experiments.statements import Rows, Statement, Steps

pytestmark = pytest.mark.django_db
T = TypeVar("T")


def on_a_wire(act: Callable[[Wire], Awaitable[T]]) -> T:
    async def run(held: psycopg.Connection) -> T:
        return await act(Wire(held))

    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as held:
        return run_loop(run(held))


def selected(sql: str, **params: Any) -> Rows:
    return on_a_wire(lambda wire: wire.run(Statement(sql, params)))


def test_wire_returns_rows_as_psycopg_does() -> None:
    moment = datetime(2026, 3, 1, 12, 30, 0, 250_000, UTC)
    rows = selected(
        "SELECT true, %(number)s + 1, NULL::text, 'é🙂', %(moment)s::timestamptz, %(nothing)s::int",
        number=2**40,
        moment=moment,
        nothing=None,
    )
    assert rows == [(True, 2**40 + 1, None, "é🙂", moment, None)]
    assert selected("SELECT n FROM unnest(%(numbers)s::int[]) AS n", numbers=[3, 1, 2]) == [
        (3,),
        (1,),
        (2,),
    ]
    assert selected("SELECT 1 WHERE false") == []


def test_wire_prepares_a_statement_once() -> None:
    async def act(wire: Wire) -> Rows:
        for number in range(3):
            assert await wire.run(Statement("SELECT %(n)s + 0", {"n": number})) == [(number,)]
        return await wire.run(
            Statement("SELECT count(*), max(generic_plans + custom_plans) "
            "FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1 + 0'", {})
        )  # fmt: skip

    assert on_a_wire(act) == [(1, 3)]


def test_wire_sends_more_than_a_socket_takes_at_once() -> None:
    text = "x" * 20_000_000
    assert selected("SELECT length(%(text)s::text)", text=text) == [(len(text),)]
    assert selected("SELECT repeat('y', 20000000)") == [("y" * 20_000_000,)]


def test_wire_goes_on_after_an_error_of_the_server() -> None:
    async def act(wire: Wire) -> Rows:
        division = Statement("SELECT 1 / %(by)s", {"by": 0})
        for _ in range(2):
            with pytest.raises(psycopg.errors.DivisionByZero):
                await wire.run(division)
        with pytest.raises(psycopg.errors.UndefinedColumn):
            await wire.run(Statement("SELECT nothing", {}))
        return await wire.run(Statement("SELECT 1 / %(by)s", {"by": 1}))

    assert on_a_wire(act) == [(1,)]


def test_wire_whose_session_is_ended_says_so() -> None:
    async def act(wire: Wire) -> None:
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            sleeping = asyncio.create_task(wire.run(Statement("SELECT pg_sleep(60)", {})))
            pid = wire.connection.info.backend_pid
            await asyncio.sleep(0)  # it is sent now
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            with pytest.raises(psycopg.OperationalError):
                await sleeping
        with pytest.raises(psycopg.Error):
            await wire.run(Statement("SELECT 1", {}))
        assert wire.connection.closed

    on_a_wire(act)


def test_wire_takes_steps_one_after_the_other() -> None:
    def steps() -> Steps[int]:
        [(one,)] = yield Statement("SELECT 1", {})
        [(two,)] = yield Statement("SELECT %(n)s + 1", {"n": one})
        return int(one + two)

    assert on_a_wire(lambda wire: wire.take(steps())) == 3


def test_wire_ends_steps_whose_statement_fails() -> None:
    ended = []

    def steps() -> Steps[None]:
        try:
            yield Statement("SELECT 1 / 0", {})
        finally:
            ended.append(True)

    with pytest.raises(psycopg.errors.DivisionByZero):
        on_a_wire(lambda wire: wire.take(steps()))
    assert ended == [True]
