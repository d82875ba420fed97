"""The backend: dead connections are seen, silent databases are hung up on, absent ones let be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest
from django.db import OperationalError, connection

from experiments import store
from experiments.database import presence as module
from experiments.database.base import _has_news
from experiments.database.presence import Presence, presence
from experiments.keeper import keeper
from experiments.tests.factories import ExperimentFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other() -> Iterator[psycopg.Connection]:
    """A connection to the same database that Django knows nothing of."""
    parameters = connection.get_connection_params()
    with psycopg.connect(**{**parameters, "autocommit": True}) as made:
        yield made


@pytest.fixture(autouse=True)
def well_again(transactional_db: None) -> Iterator[None]:
    yield
    presence.is_well = True
    connection.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def backend_pid() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def end(other: psycopg.Connection, pid: int) -> None:
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_connection_that_the_server_ended_is_seen_without_asking(
    other: psycopg.Connection,
) -> None:
    pid = backend_pid()
    assert connection.is_usable()
    end(other, pid)
    assert not connection.is_usable()


def test_connection_with_a_message_to_tell_is_usable(other: psycopg.Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN news")
    other.execute("NOTIFY news")
    until(lambda: _has_news(connection.connection.fileno()))
    assert connection.is_usable()
    assert not _has_news(connection.connection.fileno())
    assert store.config_version() > 0


def test_statement_on_an_ended_connection_goes_by_a_new_one(other: psycopg.Connection) -> None:
    pid = backend_pid()
    # As Django does at the beginning of each request.
    connection.close_if_unusable_or_obsolete()
    end(other, pid)
    assert store.config_version() > 0
    assert backend_pid() != pid


def sleep_in_the_database(begun: Callable[[int], None]) -> str:
    begun(backend_pid())
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
    except OperationalError:
        return "cut off"
    finally:
        connection.close()
    return "slept"


def test_silent_database_is_hung_up_on_by_everybody_and_then_let_be(
    monkeypatch: pytest.MonkeyPatch, other: psycopg.Connection
) -> None:
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.2)
    pids: list[int] = []
    with ThreadPoolExecutor(3) as threads, presence.watching():
        waiting = [threads.submit(sleep_in_the_database, pids.append) for _ in range(2)]
        until(lambda: _are_asleep(other, pids, 2))
        began = time.monotonic()
        with pytest.raises(OperationalError), presence.asking():
            sleep_until_cut_off()
        assert [done.result(timeout=10) for done in waiting] == ["cut off", "cut off"]
        assert time.monotonic() - began < 10
        assert [presence.is_well] == [False]
        # Nobody but the asker tries to connect, until an answer has come.
        assert isinstance(threads.submit(connect).exception(timeout=10), OperationalError)
        connection.close_if_unusable_or_obsolete()
        with presence.asking():
            store.config_version()
        assert presence.is_well
        assert threads.submit(connect).result(timeout=10)
    # The server hears of it only when their sleep is over.
    other.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    )


def sleep_until_cut_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")


def connect() -> bool:
    try:
        connection.ensure_connection()
        return True
    finally:
        connection.close()


def _are_asleep(other: psycopg.Connection, pids: list[int], number: int) -> bool:
    row = other.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s) AND wait_event = 'PgSleep'",
        [list(pids)],
    ).fetchone()
    return row == (number,)


def test_slow_query_is_left_alone_while_the_database_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.5)
    slow: Future[bool] = Future()
    with presence.watching():
        thread = threading.Thread(target=lambda: slow.set_result(_sleep_briefly()))
        thread.start()
        while not slow.done():
            with presence.asking():
                store.config_version()
        thread.join()
    assert slow.result()


def _sleep_briefly() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")
        return True
    finally:
        connection.close()


def test_process_without_an_asker_may_always_connect() -> None:
    alone = Presence()
    alone.is_well = False
    alone.require()


def test_closed_connections_are_forgotten() -> None:
    connection.close()
    before = len(presence._sockets)
    backend_pid()
    assert len(presence._sockets) == before + 1
    connection.close()
    assert len(presence._sockets) == before


def test_locked_configuration_is_away_and_costs_no_session(
    other: psycopg.Connection,
) -> None:
    ExperimentFactory()
    keeper.start()
    with other.transaction():
        other.execute("LOCK TABLE experiments_config_version IN ACCESS EXCLUSIVE MODE")
        until(lambda: not keeper.is_database_well)
        for _ in range(2):
            until(lambda: _waiting(other) == 1)
            until(lambda: _waiting(other) == 0)
    until(lambda: keeper.is_database_well)
    assert keeper.current().running
    keeper.stop()


def _waiting(other: psycopg.Connection) -> int:
    row = other.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    assert row is not None
    return int(row[0])
