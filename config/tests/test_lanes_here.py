"""Groups that the event loop does itself, on the connection of the lane's writer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import psycopg
import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from config.admission import Admission, Call
from config.lanes import Lane
from config.tests.looping import run_loop
from experiments import grouping
from experiments.answers import Answer, ApiError
from experiments.hot import HotPath
from experiments.statements import Statement, Steps, take

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")

# Items that ask for something else than the usual.
UNUSUAL, FAULTY, REFUSED, ENDED, SLOW = "unusual", "faulty", "refused", "ended", "slow"
_SQL = {
    REFUSED: "SELECT 1 / 0",
    ENDED: "SELECT pg_terminate_backend(pg_backend_pid())",
    SLOW: "SELECT pg_sleep(60)",
}


class Work:
    """Words in capitals; remembers the groups that each side did, and on which session."""

    def __init__(self) -> None:
        self.here: list[list[str]] = []
        self.in_thread: list[list[str]] = []
        self.sessions: list[int] = []
        self.let_go = threading.Event()
        self.let_go.set()
        self.lane: Lane

    def act(self, items: Sequence[str]) -> list[str]:
        assert threading.current_thread().name == "writer events"
        assert self.let_go.wait(timeout=10)
        self.in_thread.append(list(items))
        return take(self._words(items))

    def usual(self, items: Sequence[str]) -> Steps[list[str] | None]:
        assert threading.current_thread().name.startswith("loop")
        self.here.append(list(items))
        if UNUSUAL in items:
            return None
        if FAULTY in items:
            raise ValueError(FAULTY)
        for item in items:
            if item in _SQL:
                yield Statement(_SQL[item], {})
        return (yield from self._words(items))

    def _words(self, items: Sequence[str]) -> Steps[list[str]]:
        [(pid,)] = yield Statement("SELECT pg_backend_pid()", {})
        self.sessions.append(pid)
        return [item.upper() for item in items]

    async def ask(self, *items: str, address: str = "192.0.2.1") -> list[object]:
        calls = [Call(self.path, address, item) for item in items]
        return await asyncio.gather(*map(self.lane.ask, calls), return_exceptions=True)

    @property
    def path(self) -> HotPath[str, str]:
        return HotPath(
            "events",
            bytes.decode,
            self.act,
            lambda _item, result: Answer(200, result),
            usual=self.usual,
        )

    def run(self, act: Callable[[], Awaitable[T]]) -> T:
        """Act with a lane whose writer has connected, and close it."""

        async def run() -> T:
            self.lane = Lane(self.path)
            assert await self.ask("first") == ["FIRST"]
            try:
                return await act()
            finally:
                await self.lane.close()

        return run_loop(run())


@pytest.fixture
def work() -> Work:
    return Work()


def test_usual_group_is_done_in_the_loop_on_the_writers_connection(work: Work) -> None:
    assert work.run(lambda: work.ask("a", "b", "c")) == ["A", "B", "C"]
    assert work.in_thread == [["first"]]
    assert work.here == [["a", "b", "c"]]
    assert len(set(work.sessions)) == 1


@pytest.mark.parametrize("odd", [UNUSUAL, FAULTY, REFUSED])
def test_group_with_anything_unusual_is_left_to_the_writer(
    work: Work, odd: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask() -> list[object]:
        return [*await work.ask("a", odd), *await work.ask("b")]

    assert work.run(ask) == ["A", odd.upper(), "B"]
    assert work.in_thread == [["first"], ["a", odd]]
    assert work.here == [["a", odd], ["b"]]
    assert ("event loop" in caplog.text) == (odd == FAULTY)


def test_group_whose_connection_ends_is_done_on_another_one(work: Work) -> None:
    async def ask() -> list[object]:
        return [*await work.ask("a", ENDED), *await work.ask("b")]

    assert work.run(ask) == ["A", "ENDED", "B"]
    assert work.in_thread == [["first"], ["a", ENDED]]
    # The first; the writer's new one; and the loop's is that one too.
    before, after, then = work.sessions
    assert before != after == then


def test_connection_that_ended_between_two_groups_costs_nobody_anything(work: Work) -> None:
    async def ask() -> list[object]:
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [work.sessions[0]])
        return await work.ask("a")

    assert work.run(ask) == ["A"]
    assert len(set(work.sessions)) == 2


def test_group_behind_a_lock_gives_up_once_and_tells_its_callers(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "WRITE_SECONDS", 0.2)

    async def ask() -> list[object]:
        return [*await work.ask("a", SLOW), *await work.ask("b")]

    one, other, after = work.run(ask)
    assert isinstance(one, OperationalError)
    assert isinstance(other, OperationalError)
    assert after == "B"
    assert work.in_thread == [["first"]]


def test_calls_beyond_the_limit_are_refused_and_the_others_done(
    work: Work, settings: Settings
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "events": 3}

    async def ask() -> list[object]:
        neighbour = asyncio.create_task(work.ask("x", address="192.0.2.2"))
        return [*await work.ask("a", "b", "c", UNUSUAL), *await neighbour]

    # One of the three was used up before; what is refused is done by nobody.
    a, b, c, unusual, x = work.run(ask)
    assert (a, b, x) == ("A", "B", "X")
    for refused in (c, unusual):
        assert isinstance(refused, ApiError)
        assert refused.answer.status == 429
    assert [word for group in work.here for word in group] == ["a", "b", "x"]


def test_refused_call_is_answered_once_where_the_writer_does_the_rest(
    work: Work, settings: Settings
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "events": 2}
    answers = work.run(lambda: work.ask(UNUSUAL, "too many", address="192.0.2.3"))
    assert answers == ["UNUSUAL", "TOO MANY"]
    answers = work.run(lambda: work.ask(UNUSUAL, "one", "two", address="192.0.2.4"))
    assert answers[:2] == ["UNUSUAL", "ONE"]
    assert isinstance(answers[2], ApiError)
    # Counted once, though the writer did it: the limit is used up and no more than that.
    assert work.in_thread[-1] == [UNUSUAL, "one"]


def test_group_that_is_refused_whole_is_answered_without_the_database(
    work: Work, settings: Settings
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "events": 1}
    answers = work.run(lambda: work.ask("a", "b", "c"))
    assert all(isinstance(answer, ApiError) for answer in answers)
    assert (work.here, work.in_thread) == ([], [["first"]])


def test_group_that_cannot_be_counted_here_is_left_to_the_writer(
    work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_admission: Admission, _calls: Sequence[Call]) -> None:
        raise ValueError("no count")

    monkeypatch.setattr(Admission, "refusals_here", fail)
    assert work.run(lambda: work.ask("a", "b")) == ["A", "B"]
    assert work.in_thread == [["first"], ["a", "b"]]
    assert "could not be counted" in caplog.text


def test_callers_who_come_back_together_end_up_in_one_group(work: Work) -> None:
    async def call(name: str, turns: int) -> None:
        for _ in range(turns):
            await work.ask(name)

    async def ask() -> None:
        # They begin one by one, while the writer holds up the first.
        work.let_go.clear()
        held = asyncio.create_task(work.ask(UNUSUAL))
        callers = []
        for n in range(6):
            callers.append(asyncio.create_task(call(f"caller {n}", 20)))
            await asyncio.sleep(0)
        work.let_go.set()
        await asyncio.gather(held, *callers)

    work.run(ask)
    assert [len(group) for group in work.here[-5:]] == [6] * 5


def test_close_does_what_waits(work: Work) -> None:
    async def ask() -> asyncio.Task[list[object]]:
        work.let_go.clear()
        asked = asyncio.create_task(work.ask(UNUSUAL))
        await asyncio.sleep(0)
        more = asyncio.create_task(work.ask("a", "b"))
        await asyncio.sleep(0)
        threading.Timer(0.1, work.let_go.set).start()
        await asyncio.sleep(0)
        return asyncio.create_task(both(asked, more))

    async def both(*tasks: asyncio.Task[list[object]]) -> list[object]:
        return [answer for task in tasks for answer in await task]

    async def run() -> list[object]:
        work.lane = Lane(work.path)
        await work.ask("first")
        asked = await ask()
        await work.lane.close()
        with pytest.raises(grouping.QueueFull):
            await work.lane.ask(Call(work.path, None, "late"))
        return await asked

    assert run_loop(run()) == ["UNUSUAL", "A", "B"]
