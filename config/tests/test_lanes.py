from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest
from pytest_django import Settings

from config import lanes
from config.admission import Call
from config.lanes import Lane
from config.tests.looping import run_loop
from experiments.answers import Answer
from experiments.hot import HotPath

pytestmark = pytest.mark.django_db


async def until_behind(lane: Lane) -> None:
    async with asyncio.timeout(10):
        while not lane.is_behind():
            await asyncio.sleep(0.01)


def test_lane_is_behind_while_a_call_waits_too_long_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes, "BEHIND_SECONDS", 0.1)
    let_go = threading.Event()

    def act(items: Sequence[str]) -> list[str]:
        assert let_go.wait(timeout=10)
        return [item.upper() for item in items]

    path = HotPath("events", bytes.decode, act, lambda _item, result: Answer(200, result))

    async def call_twice() -> list[str]:
        lane = Lane(path)
        assert not lane.is_behind()
        calls = [asyncio.create_task(lane.ask(Call(path, "192.0.2.1", i))) for i in ("a", "b")]
        await until_behind(lane)
        let_go.set()
        answers = await asyncio.gather(*calls)
        assert not lane.is_behind()
        await lane.close()
        return answers

    assert run_loop(call_twice()) == ["A", "B"]


def test_lane_forgets_a_caller_who_hangs_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "BEHIND_SECONDS", 0.1)
    let_go = threading.Event()

    def act(items: Sequence[str]) -> list[str]:
        assert let_go.wait(timeout=10)
        return list(items)

    path = HotPath("events", bytes.decode, act, lambda _item, result: Answer(200, result))

    async def hang_up() -> bool:
        lane = Lane(path)
        call = asyncio.create_task(lane.ask(Call(path, "192.0.2.1", "a")))
        await until_behind(lane)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        is_behind = lane.is_behind()
        let_go.set()
        await lane.close()
        return is_behind

    assert run_loop(hang_up()) is False


def test_lane_threads_share_a_group_with_calls_and_count_towards_no_limit(
    settings: Settings,
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "events": 1}
    groups: list[list[str]] = []
    begun = threading.Event()
    let_go = threading.Event()

    def act(items: Sequence[str]) -> list[str]:
        begun.set()
        assert let_go.wait(timeout=10)
        groups.append(list(items))
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]

    path = HotPath("events", bytes.decode, act, lambda _item, result: Answer(200, result))

    async def ask() -> list[object]:
        lane = Lane(path)
        call = asyncio.create_task(lane.ask(Call(path, "192.0.2.1", "first")))
        await asyncio.to_thread(begun.wait, 10)
        asked = [
            asyncio.create_task(asyncio.to_thread(lane.ask_in_thread, items))
            for items in (["a", "b"], ["c"], ["bad"])
        ]
        async with asyncio.timeout(10):
            while lane.waiting < 4:
                await asyncio.sleep(0.001)
        let_go.set()
        answers: list[object] = await asyncio.gather(call, *asked, return_exceptions=True)
        await lane.close()
        return answers

    first, two, one, bad = run_loop(ask())
    assert (first, two, one) == ("FIRST", ["A", "B"], ["C"])
    assert isinstance(bad, ValueError)
    assert groups[0] == ["first"]
    assert sorted(groups[1]) == ["a", "b", "bad", "c"]


def test_call_whose_neighbour_is_at_fault_counts_towards_its_limit_once(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "events": 1}
    begun = threading.Event()
    let_go = threading.Event()

    def act(items: Sequence[str]) -> list[str]:
        begun.set()
        assert let_go.wait(timeout=10)
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]

    path = HotPath("events", bytes.decode, act, lambda _item, result: Answer(200, result))

    async def ask() -> list[object]:
        lane = Lane(path)
        asked = [asyncio.create_task(lane.ask(Call(path, "192.0.2.11", "first")))]
        await asyncio.to_thread(begun.wait, 10)
        asked += [
            asyncio.create_task(lane.ask(Call(path, address, item)))
            for address, item in (("192.0.2.12", "good"), ("192.0.2.13", "bad"))
        ]
        async with asyncio.timeout(10):
            while lane.waiting < 2:
                await asyncio.sleep(0.001)
        let_go.set()
        answers: list[object] = await asyncio.gather(*asked, return_exceptions=True)
        await lane.close()
        return answers

    first, good, bad = run_loop(ask())
    assert (first, good) == ("FIRST", "GOOD")
    assert isinstance(bad, ValueError)
