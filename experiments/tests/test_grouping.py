from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from experiments import grouping
from experiments.grouping import Delivery, GroupQueue, GroupWriter, QueueFull
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory


def queue_of(*items: int, max_waiting: int = 5) -> GroupQueue[int, str]:
    """Make a queue of numbers that weigh what they are, in groups of ten."""
    queue: GroupQueue[int, str] = GroupQueue(max_waiting=max_waiting, max_weight=10)
    for item in items:
        queue.submit(item, f"ticket {item}", weight=item)
    return queue


def items_of(queue: GroupQueue[int, str]) -> list[int]:
    overdue, group = queue.take()
    assert overdue == []
    return [item for item, _ in group]


def test_queue_group_is_what_waits_up_to_its_weight() -> None:
    queue = queue_of(2, 3, 4, 5)
    # 2 + 3 + 4 fill a group's ten; 5 would not fit.
    assert queue.take() == ([], [(2, "ticket 2"), (3, "ticket 3"), (4, "ticket 4")])
    assert items_of(queue) == [5]
    assert items_of(queue) == []


def test_queue_item_by_itself_may_weigh_anything() -> None:
    queue = queue_of(500, 1, max_waiting=100)
    assert items_of(queue) == [500]
    assert items_of(queue) == [1]


def test_queue_that_is_full_refuses_at_once() -> None:
    queue = queue_of(1, 1, 1, 1, 1)
    with pytest.raises(QueueFull):
        queue.submit(1, "one more")
    assert len(queue) == 5
    assert items_of(queue) == [1] * 5
    queue.submit(1, "one more")


def test_queue_is_bounded_by_weight_too() -> None:
    """Five items may wait, which weigh fifty together; one by itself may weigh anything."""
    queue = queue_of(30, 20)
    with pytest.raises(QueueFull):
        queue.submit(1, "one more")
    assert [items_of(queue), items_of(queue)] == [[30], [20]]
    queue.submit(500, "large", weight=500)


def test_queue_item_that_waited_too_long_is_not_in_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = queue_of(1, 2)
    monkeypatch.setattr(grouping, "WRITE_SECONDS", 0)
    assert queue.take() == (["ticket 1", "ticket 2"], [])
    assert len(queue) == 0


class Doubler:
    """Doubles numbers, in groups that a test can hold up; remembers the groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.let_go = threading.Event()
        self.failures: list[Exception] = []

    def __call__(self, items: Sequence[int]) -> list[int]:
        assert self.let_go.wait(timeout=10)
        self.groups.append(list(items))
        if self.failures:
            raise self.failures.pop(0)
        if 13 in items:
            raise ValueError("13")
        return [2 * item for item in items]


class Writer(GroupWriter[int, "Future[int]", int]):
    """A writer whose tickets are futures."""

    def __init__(self, act: Callable[[Sequence[int]], list[int]]) -> None:
        super().__init__(act, deliver, name="test")

    def ask(self, *items: int) -> list[Future[int]]:
        group: list[tuple[int, Future[int]]] = [(item, Future()) for item in items]
        self.write(group)
        return [ticket for _, ticket in group]

    def answer(self, item: int) -> int:
        [future] = self.ask(item)
        return future.result(timeout=10)


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
    writer = Writer(doubler)
    yield writer
    doubler.let_go.set()
    writer.close()


def test_writer_does_one_group_after_the_other(writer: Writer, doubler: Doubler) -> None:
    futures = [*writer.ask(1), *writer.ask(2, 3, 4), *writer.ask(5)]
    doubler.let_go.set()
    assert [future.result(timeout=10) for future in futures] == [2, 4, 6, 8, 10]
    assert doubler.groups == [[1], [2, 3, 4], [5]]


def test_writer_item_that_fails_costs_its_neighbours_nothing(
    writer: Writer, doubler: Doubler, caplog: pytest.LogCaptureFixture
) -> None:
    doubler.let_go.set()
    good, bad, another = writer.ask(7, 13, 8)
    assert good.result(timeout=10) == 14
    assert another.result(timeout=10) == 16
    with pytest.raises(ValueError, match="13"):
        bad.result(timeout=10)
    assert "one by one" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_writer_whose_connection_is_ended_meanwhile_tries_once_more() -> None:
    writer = Writer(Ender())
    # Between two groups nobody is there to see it; in the midst of one the group is tried again.
    assert [writer.answer(n) for n in (BEFORE, 4, DURING, 5)] == [0, 1, 1, 1]
    with pytest.raises(OperationalError):
        writer.answer(ALWAYS)
    assert writer.answer(6) == 1
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
        writer.answer(4)
    assert writer.answer(5) == 10


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
            writer.answer(1)
    assert writer.answer(2) == 2
    assert Experiment.objects.get().name == "changed"
    writer.close()


@pytest.mark.django_db(transaction=True)
def test_writer_lends_the_connection_that_its_last_group_used() -> None:
    def act(items: Sequence[int]) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return [row[0] for row in cursor.fetchall() * len(items)]

    def session(writer: Writer) -> int | None:
        held = writer.connection
        return None if held is None else held.info.backend_pid

    writer = Writer(act)
    assert session(writer) is None
    assert writer.answer(1) == session(writer)
    writer.close()
    assert session(writer) is None


def test_writer_closing_does_what_it_was_given(doubler: Doubler) -> None:
    writer = Writer(doubler)
    futures = [*writer.ask(1), *writer.ask(2, 3)]
    doubler.let_go.set()
    writer.close()
    assert [future.result(timeout=0) for future in futures] == [2, 4, 6]
