"""Rehearsals in the background: one at a time, remembered, and gone with whoever started them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.cache import cache

from metrics import rehearsal_runs
from metrics.rehearsal_runs import UNDER_WAY, Busy, Order, Progress, answer_to, start, under_way
from metrics.stats.scenario import Scenario
from metrics.stats.tally import Report, simulate
from metrics.tests.sessions import processes_of_session

ORDER = Order(Scenario(baseline=0.1, lift=0.2, per_arm=400, looks=7), runs=60)
# It would take minutes.
LONG = Order(Scenario(baseline=0.1, lift=0.2, per_arm=4000, looks=300), runs=100_000)
WAIT_SECONDS = 60


def answer_once_there(order: Order) -> Report | None:
    deadline = time.monotonic() + WAIT_SECONDS
    while under_way() is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer_to(order)


def test_answer_is_made_in_the_background_and_is_that_of_the_simulator() -> None:
    assert answer_to(ORDER) is None
    start(ORDER)
    assert under_way() == Progress(ORDER.key, 0, 120)
    assert answer_once_there(ORDER) == simulate(ORDER.scenario, ORDER.runs)
    # What is known isn't made again.
    start(ORDER)
    assert under_way() is None


def test_order_that_is_being_made_is_not_made_twice_and_another_is_told_how_far_it_is() -> None:
    far = Progress(ORDER.key, 30, 120)
    cache.set(UNDER_WAY, far, 15)
    start(ORDER)
    assert under_way() == far
    with pytest.raises(Busy) as busy:
        start(replace(ORDER, runs=61))
    assert busy.value.progress == far
    assert far.percent == 25


def test_every_setting_has_an_answer_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seeded = replace(ORDER, scenario=replace(ORDER.scenario, seed=8))
    keys = {ORDER.key, seeded.key, replace(ORDER, runs=61).key}
    monkeypatch.setattr(rehearsal_runs, "_rules", lambda: "other rules of the verdict")
    assert len(keys | {ORDER.key}) == 4


def test_rehearsal_that_dies_leaves_no_answer_and_makes_way(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    start(ORDER)
    assert answer_once_there(ORDER) is None
    assert "a rehearsal broke off" in caplog.text
    assert under_way() is None


def test_rehearsal_that_cannot_begin_makes_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nothing/here")
    with pytest.raises(OSError, match="/nothing/here"):
        start(ORDER)
    assert under_way() is None


@pytest.mark.parametrize("way", ["its input ends", "it is killed"])
def test_no_process_outlives_the_one_that_asked(way: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "metrics.rehearsal_process"],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    order = {"scenario": {"baseline": 0.1, "lift": 0.2, "per_arm": 4000, "looks": 300}}
    print(json.dumps(order | {"runs": LONG.runs}), file=process.stdin, flush=True)
    while json.loads(process.stdout.readline())["done"] == 0:
        pass
    # Itself, what tracks its resources, and two that work.
    assert len(processes_of_session(process.pid)) == 4
    if way == "it is killed":
        process.kill()
    process.stdin.close()
    assert process.wait(timeout=10) != 0
    process.stdout.close()
    deadline = time.monotonic() + 10
    while (left := processes_of_session(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []
