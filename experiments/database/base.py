"""The backend that DATABASES names. Every thread keeps its connection from request to request."""

from __future__ import annotations

import select
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, TransactionStatus

from experiments.database.presence import presence
from experiments.database.telling import TellingWrapper
from experiments.known import known


class DatabaseWrapper(TellingWrapper):
    """PostgreSQL, with connections that are told apart from dead ones without a question."""

    # Seconds that a statement on this thread's connection may take; None for any time. Set it
    # before the thread first connects.
    statement_seconds: float | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        """Connect, unless that is known to be in vain."""
        presence.require()
        if self.statement_seconds is not None:
            limit = f"-c statement_timeout={self.statement_seconds * 1000:.0f}"
            options = f"{conn_params.get('options', '')} {limit}".strip()
            conn_params = {**conn_params, "options": options}
        connection: psycopg.Connection = super().get_new_connection(conn_params)
        # It may be another server, or the same one with less in it.
        known.forget()
        presence.add(connection)
        return connection

    def is_usable(self) -> bool:
        """Return whether the server has left the connection open.

        Django asks this once a request and thread, by a round trip. Here it is seen on the socket:
        a server that restarts, or ends a session, closes it.
        """
        held = self.connection
        if held is None or held.pgconn.transaction_status == TransactionStatus.ACTIVE:
            return False
        try:
            while _has_news(held.fileno()):
                held.pgconn.consume_input()
        except psycopg.Error:
            return False
        return bool(held.pgconn.status == ConnStatus.OK)


def _has_news(descriptor: int) -> bool:
    watched = select.poll()
    watched.register(descriptor, select.POLLIN)
    return bool(watched.poll(0))
