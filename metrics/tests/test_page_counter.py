"""Pages shown: whatever is noted is written once, and shown = counted + excluded."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from experiments.statements import run
from metrics import page_counter as module
from metrics.models import PageCount
from metrics.page_counter import PageCounter
from metrics.shown import Reason, shown_for

NOBODY = {reason: 0 for reason in Reason if reason is not Reason.COUNTED}


def note(counter: PageCounter, experiment_id: UUID, reason: Reason = Reason.COUNTED) -> None:
    counter.note([str(experiment_id)], [(str(experiment_id), reason)])


def today() -> date:
    return datetime.now(UTC).date()


@pytest.mark.django_db
def test_shown_of_an_experiment_without_pages_is_nothing_and_adds_up() -> None:
    shown = shown_for(uuid4())
    assert (shown.pages, shown.counted, shown.since) == (0, 0, None)
    assert shown.excluded == NOBODY
    assert shown.adds_up


@pytest.mark.django_db
def test_shown_by_reason_is_told_in_one_order_with_zeros() -> None:
    counter, experiment_id, other_id = PageCounter(), uuid4(), uuid4()
    for reason, pages in ((Reason.COUNTED, 3), (Reason.STAFF, 2), (Reason.BOT, 1)):
        for _ in range(pages):
            note(counter, experiment_id, reason)
    note(counter, other_id)
    counter.write()
    shown = shown_for(experiment_id)
    assert (shown.pages, shown.counted) == (6, 3)
    assert shown.excluded == {**NOBODY, Reason.STAFF: 2, Reason.BOT: 1}
    assert list(shown.excluded) == list(NOBODY)
    assert shown.adds_up
    assert shown.since == today()
    assert shown_for(other_id).pages == 1


@pytest.mark.django_db
def test_shown_with_a_page_that_has_no_reason_does_not_add_up() -> None:
    counter, experiment_id = PageCounter(), uuid4()
    note(counter, experiment_id)
    counter.note([str(experiment_id)], [])
    counter.write()
    assert not shown_for(experiment_id).adds_up


@pytest.mark.django_db
def test_pages_are_written_additively_in_one_statement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counter, experiments = PageCounter(), [uuid4() for _ in range(5)]
    statements: list[str] = []

    def counted(sql: str, params: Any) -> Any:
        statements.append(sql)
        return run(sql, params)

    monkeypatch.setattr(module, "run", counted)
    for _ in range(3):
        for experiment_id in experiments:
            note(counter, experiment_id)
        counter.write()
    counter.write()
    assert len(statements) == 3
    assert [shown_for(experiment_id).counted for experiment_id in experiments] == [3] * 5


@pytest.mark.django_db
def test_pages_of_two_days_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    counter, experiment_id = PageCounter(), uuid4()
    midnight = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    for moment in (midnight - 0.001, midnight, midnight + 1):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        note(counter, experiment_id)
    counter.write()
    days = PageCount.objects.filter(experiment_id=experiment_id, reason="shown")
    assert dict(days.values_list("day", "pages")) == {date(2026, 2, 28): 1, date(2026, 3, 1): 2}
    assert shown_for(experiment_id).since == date(2026, 2, 28)


@pytest.mark.django_db
def test_write_that_fails_keeps_what_it_has_and_what_comes_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counter, experiment_id = PageCounter(), uuid4()
    note(counter, experiment_id)

    def fail(*_args: object) -> None:
        note(counter, experiment_id, Reason.DATABASE_DOWN)
        raise OperationalError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(module, "run", fail)
        for _ in range(2):
            with pytest.raises(OperationalError):
                counter.write()
    assert not PageCount.objects.exists()
    counter.write()
    shown = shown_for(experiment_id)
    assert (shown.counted, shown.excluded[Reason.DATABASE_DOWN], shown.pages) == (1, 2, 3)


@pytest.mark.django_db
def test_write_is_due_a_second_after_the_last_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counter, experiment_id, now = PageCounter(), uuid4(), [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    written = []
    for moment, is_last in ((1000.0, False), (1000.9, False), (1001.1, False), (1001.2, True)):
        now[0] = moment
        note(counter, experiment_id)
        counter.write_when_due(is_last)
        written.append(shown_for(experiment_id).pages)
    assert written == [1, 1, 3, 4]


@pytest.mark.django_db
def test_last_write_that_fails_says_how_many_pages_it_loses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    counter = PageCounter()
    for _ in range(3):
        note(counter, uuid4())

    def fail(*_args: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(module, "run", fail)
    with pytest.raises(OperationalError):
        counter.write_when_due(is_last=True)
    [line] = caplog.records
    assert (line.levelname, line.__dict__["pages"]) == ("WARNING", 3)


@pytest.mark.django_db(transaction=True)
def test_pages_noted_and_written_by_many_threads_are_all_there() -> None:
    counter, experiments = PageCounter(), [uuid4(), uuid4()]
    truth: Counter[tuple[UUID, Reason]] = Counter()
    lock = threading.Lock()
    done = threading.Event()

    def show(seed: int) -> None:
        rng = Random(seed)
        mine: Counter[tuple[UUID, Reason]] = Counter()
        for _ in range(2000):
            place = rng.choice(experiments), rng.choice(list(Reason))
            note(counter, *place)
            mine[place] += 1
        with lock:
            truth.update(mine)

    def write() -> None:
        try:
            while not done.is_set():
                counter.write()
        finally:
            connection.close()

    showing = [threading.Thread(target=show, args=(seed,)) for seed in range(6)]
    # In a process there is one; two prove that nothing is written twice or torn.
    writing = [threading.Thread(target=write) for _ in range(2)]
    for thread in [*writing, *showing]:
        thread.start()
    for thread in showing:
        thread.join()
    done.set()
    for thread in writing:
        thread.join()
    counter.write()
    for experiment_id in experiments:
        shown = shown_for(experiment_id)
        assert shown.adds_up
        found = {Reason.COUNTED: shown.counted, **shown.excluded}
        assert found == {reason: truth[experiment_id, reason] for reason in Reason}
