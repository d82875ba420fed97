"""When a group begins: with all who were there before, and soon where they stay away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from config import gathering
from config.gathering import Gathering
from config.tests.looping import run_loop


class Callers:
    """Callers who call a gathering, and the sizes of the groups that it makes of them."""

    def __init__(self) -> None:
        self.waiting = 0
        self.groups: list[int] = []
        self.gathering = Gathering(self._begin, lambda: self.waiting)

    def _begin(self) -> None:
        self.groups.append(self.waiting)

    def call(self, number: int = 1) -> None:
        for _ in range(number):
            self.waiting += 1
            self.gathering.note()

    async def until_group(self, number: int) -> None:
        """Wait for the group of that number, and answer its callers."""
        async with asyncio.timeout(10):
            while len(self.groups) < number:
                await asyncio.sleep(0)
        self.waiting -= self.groups[-1]
        self.gathering.end()


def with_callers(act: Callable[[Callers], Awaitable[None]]) -> list[int]:
    async def run() -> list[int]:
        callers = Callers()
        await act(callers)
        return callers.groups

    return run_loop(run())


@pytest.fixture(autouse=True)
def long_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here ends by its deadline, unless that is what it is about."""
    monkeypatch.setattr(gathering, "GATHERING_SECONDS", 60)


def test_caller_who_comes_alone_is_not_held_up() -> None:
    async def act(callers: Callers) -> None:
        for number in (1, 2, 3):
            callers.call()
            await callers.until_group(number)

    assert with_callers(act) == [1, 1, 1]


def test_callers_of_one_turn_are_one_group() -> None:
    async def act(callers: Callers) -> None:
        callers.call(3)
        await asyncio.sleep(0)
        callers.call(2)
        await callers.until_group(1)

    assert with_callers(act) == [5]


def test_those_who_were_there_before_are_waited_for() -> None:
    async def act(callers: Callers) -> None:
        callers.call(8)
        await callers.until_group(1)
        callers.call(5)
        for _ in range(20):
            await asyncio.sleep(0)
        assert callers.groups == [8]
        callers.call(3)
        await callers.until_group(2)

    assert with_callers(act) == [8, 8]


def test_those_who_stay_away_are_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "GATHERING_SECONDS", 0.01)

    async def act(callers: Callers) -> None:
        callers.call(8)
        await callers.until_group(1)
        # Each time fewer are expected, until these two are enough: no deadline is needed then.
        for number in range(2, 20):
            callers.call(2)
            await callers.until_group(number)
        monkeypatch.setattr(gathering, "GATHERING_SECONDS", 60)
        callers.call(2)
        await callers.until_group(20)

    assert with_callers(act) == [8] + [2] * 19


def test_group_that_is_begun_early_is_not_begun_again() -> None:
    async def act(callers: Callers) -> None:
        callers.call(3)
        callers.gathering.begin()
        await callers.until_group(1)
        for _ in range(5):
            await asyncio.sleep(0)
        callers.call(3)
        await callers.until_group(2)

    assert with_callers(act) == [3, 3]


def test_those_who_come_meanwhile_wait_for_those_who_are_answered() -> None:
    async def act(callers: Callers) -> None:
        callers.call(8)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert callers.groups == [8]
        # Two more, while the eight are being done: they would be a small group by themselves.
        callers.call(2)
        await callers.until_group(1)
        callers.waiting = 2
        for _ in range(20):
            await asyncio.sleep(0)
        assert callers.groups == [8]
        callers.call(6)
        await callers.until_group(2)

    assert with_callers(act) == [8, 8]


def test_so_many_are_enough_whoever_is_expected() -> None:
    async def act(callers: Callers) -> None:
        callers.call(2 * gathering.ENOUGH_CALLS)
        await callers.until_group(1)
        callers.call(gathering.ENOUGH_CALLS)
        await callers.until_group(2)

    assert with_callers(act) == [512, 256]
