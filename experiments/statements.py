"""Runs hand-written SQL, prepared, with its parameters beside it and never within it."""

from __future__ import annotations

import functools
import re
from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import psycopg
from django.db import DataError, connection

Result = TypeVar("Result")
Rows = list[tuple[Any, ...]]


class Statement(NamedTuple):
    """Hand-written SQL and its parameters by name, `%(name)s`; lists become arrays."""

    sql: str
    params: Mapping[str, Any]


# Work that asks the database one thing after the other and leaves it to others how it is asked: it
# yields statements, is sent their rows, and returns what came of it.
Steps = Generator[Statement, Rows, Result]

# What no text of PostgreSQL's holds.
_BETWEEN = "\0"
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|%)")


def connect() -> None:
    """Make sure that this thread is connected, before use is made of what is known (see `known`).

    Where that takes a new connection, everything known is forgotten. Raises Django's database
    errors.
    """
    # Looked at once a request, or once a group: a connection that the server closed meanwhile.
    connection.close_if_health_check_failed()
    with connection.wrap_database_errors:
        connection.ensure_connection()


def take(steps: Steps[Result]) -> Result:
    """Take the steps on this thread's connection, and return what they return.

    Raises Django's database errors; the steps see them first, where they wait.
    """
    try:
        statement = next(steps)
        while True:
            try:
                rows = run(*statement)
            except Exception as error:
                statement = steps.throw(error)
            else:
                statement = steps.send(rows)
    except StopIteration as end:
        result: Result = end.value
        return result


def run(sql: str, params: Mapping[str, Any]) -> Rows:
    """Run one prepared statement on this thread's connection and return its rows.

    Outside a transaction the statement is one of its own, committed when this returns. Raises
    Django's database errors.
    """
    text, values = positional(Statement(sql, params))
    connect()
    # Django's cursor writes parameters into the text; psycopg's own sends them beside it, so that
    # the plan is made once and a thousand values cost no parsing. Its raw cursor takes the text as
    # it is: the others read a long one anew for every call (0.6 ms of a group's time).
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        if connection.queries_logged:
            # As Django's own cursors do, for whoever counts the queries of an answer.
            connection.queries_log.append({"sql": sql, "time": ""})
        cursor.execute(text, values, prepare=True)
        return cursor.fetchall() if cursor.description else []


def positional(statement: Statement) -> tuple[bytes, list[Any]]:
    """Return a statement's text with numbered placeholders, and its values in their order."""
    text, names = _positional(statement.sql)
    return text, [_value(statement.params[name]) for name in names]


@functools.lru_cache(maxsize=256)
def _positional(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement with numbered placeholders, and the names in the order of the numbers."""
    names: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        name = match[1]
        return "%" if name is None else f"${names.setdefault(name, len(names) + 1)}"

    return _PLACEHOLDER.sub(numbered, sql).encode(), tuple(names)


def _value(value: Any) -> Any:
    return array(value) if type(value) is list else value


def array(values: Sequence[Any]) -> str:
    """Return an array as PostgreSQL reads it from text, of whatever has a text form, or None.

    psycopg's own way costs a microsecond for each element, and a group has thousands.
    """
    if None in values:
        return "{" + ",".join("NULL" if v is None else _quoted(str(v)) for v in values) + "}"
    texts = [v if type(v) is str else str(v) for v in values]
    joined = _BETWEEN.join(texts)
    if joined.count(_BETWEEN) != max(len(texts) - 1, 0):
        raise DataError("PostgreSQL keeps no text with a NUL in it.")
    escaped = _escaped(joined).replace(_BETWEEN, '","')
    return f'{{"{escaped}"}}' if texts else "{}"


def bare_array(texts: Sequence[str]) -> str:
    """As `array`, of texts that need no quotes, such as UUIDs."""
    return f"{{{','.join(texts)}}}"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
