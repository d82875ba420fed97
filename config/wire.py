"""Prepared statements on a connection, without a thread that waits for them.

psycopg's asynchronous connections do the same for any query; each takes several tasks, events and
rounds of the loop. A hot call's statement is one message out and one back. So it is sent by libpq
itself (`psycopg.pq`), and the event loop tells when the answer is there.
"""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGresult

from experiments.statements import Rows, Statement, Steps, positional

_SUCCESS = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
# The types that PostgreSQL is told: those of numbers. Those of texts it sees from the statement.
_INT8_OID = 20


class Wire:
    """One connection that nobody else uses meanwhile."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self._pgconn = connection.pgconn
        self._transformer = Transformer(connection)
        self._names: dict[bytes, bytes] = {}
        self._loop = asyncio.get_running_loop()
        self._descriptor = self._pgconn.socket
        self._answered: asyncio.Future[list[PGresult]] = self._loop.create_future()
        self._results: list[PGresult] = []

    async def take(self, steps: Steps[Any]) -> Any:
        """Take the steps on this connection, and return what they return.

        Raises psycopg's errors. Each statement is a transaction of its own.
        """
        try:
            statement = next(steps)
            while True:
                statement = steps.send(await self.run(statement))
        except StopIteration as end:
            return end.value
        finally:
            steps.close()

    async def run(self, statement: Statement) -> Rows:
        """Run a statement, prepared when it comes for the first time, and return its rows."""
        text, values = positional(statement)
        name = self._names.get(text)
        if name is None:
            name = b"hot_%d" % len(self._names)
            self._pgconn.send_prepare(name, text, [_type_of(value) for value in values])
            await self._results_of_what_was_sent()
            self._names[text] = name
        self._pgconn.send_query_prepared(name, [_text_of(value) for value in values])
        [result] = await self._results_of_what_was_sent()
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    async def _results_of_what_was_sent(self) -> list[PGresult]:
        self._results = []
        self._answered = self._loop.create_future()
        self._loop.add_reader(self._descriptor, self._read)
        if self._pgconn.flush():
            self._loop.add_writer(self._descriptor, self._flush)
        try:
            results = await self._answered
        finally:
            self._loop.remove_reader(self._descriptor)
            self._loop.remove_writer(self._descriptor)
        for result in results:
            if result.status not in _SUCCESS:
                raise psycopg.errors.error_from_result(result)
        return results

    def _flush(self) -> None:
        try:
            if not self._pgconn.flush():
                self._loop.remove_writer(self._descriptor)
        except psycopg.Error as error:
            self._fail(error)

    def _read(self) -> None:
        try:
            self._pgconn.consume_input()
            while not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is None:
                    if not self._answered.done():
                        self._answered.set_result(self._results)
                    return
                self._results.append(result)
        except psycopg.Error as error:
            self._fail(error)

    def _fail(self, error: psycopg.Error) -> None:
        if not self._answered.done():
            self._answered.set_exception(error)


def _type_of(value: Any) -> int:
    return _INT8_OID if isinstance(value, int) else 0


def _text_of(value: Any) -> bytes | None:
    return None if value is None else str(value).encode()
