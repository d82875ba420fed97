"""Many simulated runs of a plan, spread over processes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import connection, get_context, parent_process

from metrics.stats.scenario import Scenario
from metrics.stats.simulate import Run, simulate_run
from metrics.stats.tally import Report, report, require_runs

RUNS_AT_A_TIME = 50


def rehearse(
    scenario: Scenario,
    runs: int,
    *,
    processes: int = 2,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Return what `metrics.stats.tally.simulate` returns, sooner, and with word of how far it is.

    The processes are new ones, so that a web process goes on serving. `on_progress` is told how
    many experiments are done, and of how many: each run is one without an effect and one with it.
    Raises ValueError for fewer than 1 or more than 100,000 runs.
    """
    require_runs(runs)
    made: dict[tuple[bool, int], list[Run]] = {}
    spawn = get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn, initializer=_end_with_parent) as pool:
        parts = {
            pool.submit(_part, scenario, first, min(first + RUNS_AT_A_TIME, runs), is_planted): (
                is_planted,
                first,
            )
            for first in range(0, runs, RUNS_AT_A_TIME)
            for is_planted in (False, True)
        }
        done = 0
        for part in as_completed(parts):
            made[parts[part]] = part.result()
            done += len(made[parts[part]])
            on_progress(done, 2 * runs)
    in_order = [made[key] for key in sorted(made)]
    half = len(in_order) // 2
    return report(
        scenario,
        without_effect=[run for part in in_order[:half] for run in part],
        with_effect=[run for part in in_order[half:] for run in part],
    )


def _end_with_parent() -> None:
    """End this process when the one that asks dies without a word, as it would wait for ever."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _part(scenario: Scenario, first: int, last: int, is_planted: bool) -> list[Run]:
    return [simulate_run(scenario, number, is_planted=is_planted) for number in range(first, last)]
