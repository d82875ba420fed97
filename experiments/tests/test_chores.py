"""Small writes that the snapshot's thread does beside its asking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError

from experiments.database.presence import presence
from experiments.keeper import SnapshotKeeper, keeper

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE_SECONDS = 30.0


@pytest.fixture(autouse=True)
def well_again() -> Iterator[None]:
    yield
    presence.is_well = True


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_chore_that_fails_is_done_again_and_the_database_is_well_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[bool] = []

    def chore(is_last: bool) -> None:
        calls.append(is_last)
        if len(calls) < 3:
            raise OperationalError("A table is locked.")

    monkeypatch.setattr(keeper, "chores", [chore])
    keeper.start()
    until(lambda: len(calls) >= 3)
    assert keeper.is_database_well
    keeper.stop()
    assert calls[-1] is True
    assert set(calls[:-1]) == {False}


def test_chore_waits_for_the_database_and_proves_nothing_of_it() -> None:
    calls: list[bool] = []
    away = SnapshotKeeper()
    away.chores.append(calls.append)
    presence.is_well = False
    away._do_chores()
    assert calls == []
    away._do_chores(is_last=True)
    assert calls == [True]
    assert not presence.is_well
