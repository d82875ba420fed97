from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from experiments import grouping
from experiments.grouping import Delivery, GroupWriter, QueueFull
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory


class Doubler:
    """Doubles numbers, in groups that a test can hold up; remembers the groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.let_go = threading.Event()
        self.has_begun = threading.Event()
        self.failures: list[Exception] = []

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.has_begun.set()
        assert self.let_go.wait(timeout=10)
        self.groups.append(list(items))
        if self.failures:
            raise self.failures.pop(0)
        if 13 in items:
            raise ValueError("13")
        return [2 * item for item in items]


class Writer(GroupWriter[int, "Future[int]", int]):
    """A writer whose tickets are futures."""

    def __init__(
        self, act: Callable[[Sequence[int]], list[int]], *, max_waiting: int = 5, **options: Any
    ) -> None:
        super().__init__(act, deliver, name="test", max_waiting=max_waiting, **options)

    def ask(self, item: int) -> Future[int]:
        ticket: Future[int] = Future()
        self.submit(item, ticket)
        self.begin()
        return ticket


def deliver(group: list[Delivery[Future[int], int]]) -> None:
    for ticket, result, error in group:
        if error is None and result is not None:
            ticket.set_result(result)
        else:
            ticket.set_exception(error)


@pytest.fixture
def doubler() -> Doubler:
    return Doubler()


@pytest.fixture
def writer(doubler: Doubler) -> Iterator[Writer]:
    writer = Writer(doubler, max_waiting=5, weight=lambda n: n, max_weight=10)
    yield writer
    doubler.let_go.set()
    writer.close()


def test_writer_what_arrives_during_a_write_becomes_the_next_group(
    writer: Writer, doubler: Doubler
) -> None:
    first = writer.ask(1)
    assert doubler.has_begun.wait(timeout=10)
    others = [writer.ask(n) for n in (2, 3, 4, 5)]
    doubler.let_go.set()
    assert [f.result(timeout=10) for f in (first, *others)] == [2, 4, 6, 8, 10]
    # 2 + 3 + 4 fill a group's ten; 5 would not fit.
    assert doubler.groups == [[1], [2, 3, 4], [5]]


def test_writer_with_a_full_queue_refuses_at_once(writer: Writer, doubler: Doubler) -> None:
    writer.ask(1)
    assert doubler.has_begun.wait(timeout=10)
    waiting = [writer.ask(1) for _ in range(5)]
    with pytest.raises(QueueFull):
        writer.ask(1)
    doubler.let_go.set()
    assert {f.result(timeout=10) for f in waiting} == {2}


def test_writer_item_that_fails_costs_its_neighbours_nothing(
    writer: Writer, doubler: Doubler, caplog: pytest.LogCaptureFixture
) -> None:
    writer.ask(1)
    assert doubler.has_begun.wait(timeout=10)
    wide = Writer(doubler, max_waiting=9, max_weight=100)
    futures = [wide.ask(n) for n in (7, 13, 8)]
    doubler.let_go.set()
    assert futures[0].result(timeout=10) == 14
    assert futures[2].result(timeout=10) == 16
    with pytest.raises(ValueError, match="13"):
        futures[1].result(timeout=10)
    wide.close()


@pytest.mark.django_db(transaction=True)
def test_writer_whose_connection_is_ended_meanwhile_tries_once_more() -> None:
    writer = Writer(Ender())
    # Between two groups nobody is there to see it; in the midst of one the group is tried again.
    assert [writer.ask(n).result(timeout=10) for n in (BEFORE, 4, DURING, 5)] == [0, 1, 1, 1]
    with pytest.raises(OperationalError):
        writer.ask(ALWAYS).result(timeout=10)
    assert writer.ask(6).result(timeout=10) == 1
    writer.close()


BEFORE, DURING, ALWAYS = 0, -1, -2


class Ender:
    """Asks the database for a 1, and lets the writer's session end: after, during or in any try."""

    def __init__(self) -> None:
        self.tries = 0

    def __call__(self, items: Sequence[int]) -> list[int]:
        [item] = items
        self.tries += 1
        with connection.cursor() as cursor:
            if item == ALWAYS or (item == DURING and self.tries % 2):
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        self.tries = 0
        if item != BEFORE:
            return [1]
        with psycopg.connect(**connection.get_connection_params()) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        return [0]


@pytest.mark.django_db
def test_writer_without_a_connection_to_lose_does_not_try_twice(
    writer: Writer, doubler: Doubler
) -> None:
    doubler.let_go.set()
    doubler.failures = [OperationalError("nobody listens")]
    with pytest.raises(OperationalError, match="nobody listens"):
        writer.ask(4).result(timeout=10)
    assert writer.ask(5).result(timeout=10) == 10


@pytest.mark.django_db(transaction=True)
def test_writer_behind_a_lock_gives_up_and_tells_its_callers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grouping, "WRITE_SECONDS", 0.2)
    ExperimentFactory()

    def act(items: Sequence[int]) -> list[int]:
        Experiment.objects.update(name="changed")
        return list(items)

    writer = Writer(act)
    with transaction.atomic():
        Experiment.objects.update(name="locked")
        with pytest.raises(OperationalError, match="statement timeout"):
            writer.ask(1).result(timeout=10)
    assert writer.ask(2).result(timeout=10) == 2
    assert Experiment.objects.get().name == "changed"
    writer.close()


def test_writer_item_that_waited_too_long_is_refused_and_not_done(
    writer: Writer, doubler: Doubler, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.ask(1)
    assert doubler.has_begun.wait(timeout=10)
    waiting = writer.ask(2)
    monkeypatch.setattr(grouping, "WRITE_SECONDS", 0)
    doubler.let_go.set()
    with pytest.raises(QueueFull):
        waiting.result(timeout=10)
    assert doubler.groups == [[1]]


def test_writer_queue_is_bounded_by_weight_too(writer: Writer, doubler: Doubler) -> None:
    """Five items may wait, which weigh fifty together; one by itself may weigh anything."""
    writer.ask(1)
    assert doubler.has_begun.wait(timeout=10)
    waiting = [writer.ask(30), writer.ask(20)]
    with pytest.raises(QueueFull):
        writer.ask(1)
    doubler.let_go.set()
    assert [f.result(timeout=10) for f in waiting] == [60, 40]
    assert writer.ask(500).result(timeout=10) == 1000


def test_writer_closing_does_what_waits_and_takes_no_more(doubler: Doubler) -> None:
    writer = Writer(doubler, max_waiting=5)
    futures = [writer.ask(n) for n in (1, 2, 3)]
    doubler.let_go.set()
    writer.close()
    assert [f.result(timeout=0) for f in futures] == [2, 4, 6]
    with pytest.raises(QueueFull):
        writer.ask(1)
