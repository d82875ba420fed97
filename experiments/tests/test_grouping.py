from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from django.db import OperationalError

from experiments.grouping import Delivery, GroupWriter, QueueFull


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

    def __init__(self, act: Doubler, **options: Any) -> None:
        super().__init__(act, deliver, name="test", **options)

    def ask(self, item: int) -> Future[int]:
        ticket: Future[int] = Future()
        self.submit(item, ticket)
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


def test_writer_after_a_lost_connection_tries_once_more_then_tells_every_caller(
    writer: Writer, doubler: Doubler
) -> None:
    doubler.let_go.set()
    doubler.failures = [OperationalError("gone")]
    assert writer.ask(4).result(timeout=10) == 8
    doubler.failures = [OperationalError("gone"), OperationalError("still gone")]
    with pytest.raises(OperationalError, match="still gone"):
        writer.ask(4).result(timeout=10)
    assert writer.ask(5).result(timeout=10) == 10


def test_writer_closing_does_what_waits_and_takes_no_more(doubler: Doubler) -> None:
    writer = Writer(doubler, max_waiting=5)
    futures = [writer.ask(n) for n in (1, 2, 3)]
    doubler.let_go.set()
    writer.close()
    assert [f.result(timeout=0) for f in futures] == [2, 4, 6]
    with pytest.raises(QueueFull):
        writer.ask(1)
