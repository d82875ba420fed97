from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest
from django.db import OperationalError

from experiments.grouping import GroupWriter, QueueFull


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


@pytest.fixture
def doubler() -> Doubler:
    return Doubler()


@pytest.fixture
def writer(doubler: Doubler) -> Iterator[GroupWriter[int, int]]:
    writer = GroupWriter(doubler, name="test", max_waiting=5, weight=lambda n: n, max_weight=10)
    yield writer
    doubler.let_go.set()
    writer.close()


def test_writer_what_arrives_during_a_write_becomes_the_next_group(
    writer: GroupWriter[int, int], doubler: Doubler
) -> None:
    first = writer.submit(1)
    assert doubler.has_begun.wait(timeout=10)
    others = [writer.submit(n) for n in (2, 3, 4, 5)]
    doubler.let_go.set()
    assert [f.result(timeout=10) for f in (first, *others)] == [2, 4, 6, 8, 10]
    # 2 + 3 + 4 fill a group's ten; 5 would not fit.
    assert doubler.groups == [[1], [2, 3, 4], [5]]


def test_writer_with_a_full_queue_refuses_at_once(
    writer: GroupWriter[int, int], doubler: Doubler
) -> None:
    writer.submit(1)
    assert doubler.has_begun.wait(timeout=10)
    waiting = [writer.submit(1) for _ in range(5)]
    with pytest.raises(QueueFull):
        writer.submit(1)
    doubler.let_go.set()
    assert {f.result(timeout=10) for f in waiting} == {2}


def test_writer_item_that_fails_costs_its_neighbours_nothing(
    writer: GroupWriter[int, int], doubler: Doubler, caplog: pytest.LogCaptureFixture
) -> None:
    writer.submit(1)
    assert doubler.has_begun.wait(timeout=10)
    wide = GroupWriter(doubler, name="wide", max_waiting=9, max_weight=100)
    futures = [wide.submit(n) for n in (7, 13, 8)]
    doubler.let_go.set()
    assert futures[0].result(timeout=10) == 14
    assert futures[2].result(timeout=10) == 16
    with pytest.raises(ValueError, match="13"):
        futures[1].result(timeout=10)
    wide.close()


def test_writer_after_a_lost_connection_tries_once_more_then_tells_every_caller(
    writer: GroupWriter[int, int], doubler: Doubler
) -> None:
    doubler.let_go.set()
    doubler.failures = [OperationalError("gone")]
    assert writer.submit(4).result(timeout=10) == 8
    doubler.failures = [OperationalError("gone"), OperationalError("still gone")]
    with pytest.raises(OperationalError, match="still gone"):
        writer.submit(4).result(timeout=10)
    assert writer.submit(5).result(timeout=10) == 10


def test_writer_closing_does_what_waits_and_takes_no_more(doubler: Doubler) -> None:
    writer = GroupWriter(doubler, name="test", max_waiting=5)
    futures = [writer.submit(n) for n in (1, 2, 3)]
    doubler.let_go.set()
    writer.close()
    assert [f.result(timeout=0) for f in futures] == [2, 4, 6]
    with pytest.raises(QueueFull):
        writer.submit(1)


def test_writer_caller_who_gives_up_cancels_nothing(
    writer: GroupWriter[int, int], doubler: Doubler
) -> None:
    future = writer.submit(3)
    assert not future.cancel()
    doubler.let_go.set()
    assert future.result(timeout=10) == 6
