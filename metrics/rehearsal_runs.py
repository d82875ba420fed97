"""Rehearsals for the web: made in the background, one at a time, and their answers remembered."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache as cached
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.cache import cache

from metrics import stats
from metrics.stats.scenario import Scenario
from metrics.stats.tally import Report

logger = logging.getLogger(__name__)

KEEP_SECONDS = 24 * 3600
# What says nothing for so long has ended with its server, and another may start.
SILENT_SECONDS = 15
UNDER_WAY = "rehearsal:under-way"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be rehearsed, and how often."""

    scenario: Scenario
    runs: int

    @property
    def key(self) -> str:
        """The answer's name: other settings or other rules of the verdict have another one."""
        known = repr((self.scenario, self.runs, _rules()))
        return f"rehearsal:{sha256(known.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the rehearsal is that is under way; an experiment of either kind counts as one."""

    key: str
    done: int
    of: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.of


class Busy(Exception):
    """Another rehearsal is under way; `progress` is None where the cache doesn't tell of it."""

    def __init__(self, progress: Progress | None) -> None:
        super().__init__("Another rehearsal is under way.")
        self.progress = progress


def under_way() -> Progress | None:
    """Return how far the one rehearsal is that is under way, in whichever web process."""
    progress: Progress | None = cache.get(UNDER_WAY)
    return progress


def answer_to(order: Order) -> Report | None:
    """Return the remembered answer, None where there is none (yet)."""
    report: Report | None = cache.get(order.key)
    return report


def start(order: Order) -> None:
    """Have an answer made, unless there is one or it is being made. Returns at once. Raises Busy.

    The work is done by processes of its own. They end when this process does, and the answer is
    then not made.
    """
    if answer_to(order) is not None:
        return
    if not cache.add(UNDER_WAY, Progress(order.key, 0, 2 * order.runs), SILENT_SECONDS):
        progress = under_way()
        if progress is not None and progress.key == order.key:
            return
        raise Busy(progress)
    try:
        process = _new_process()
    except OSError:
        cache.delete(UNDER_WAY)
        raise
    # A daemon: a server that stops doesn't wait for it.
    threading.Thread(target=_follow, args=(order, process), daemon=True).start()


def _new_process() -> subprocess.Popen[str]:
    # Not a fork of this process, which has threads; and with a session of its own, so that Ctrl-C
    # in a terminal isn't answered by its tracebacks.
    return subprocess.Popen(
        [sys.executable, "-m", "metrics.rehearsal_process"],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _follow(order: Order, process: subprocess.Popen[str]) -> None:
    """Give a process its order, and hand on its news until it ends."""
    told, news = _pipe(process.stdin), _pipe(process.stdout)
    try:
        # One that died at once doesn't listen; that is told by its exit code.
        with suppress(BrokenPipeError):
            line = json.dumps({"scenario": asdict(order.scenario), "runs": order.runs})
            print(line, file=told, flush=True)
        for line in news:
            _hand_on(order, json.loads(line))
    finally:
        # The end of its input ends the process, if it hasn't ended by itself.
        with suppress(BrokenPipeError):
            told.close()
        news.close()
        if process.wait():
            logger.error("a rehearsal broke off", extra={"exit_code": process.returncode})
        cache.delete(UNDER_WAY)
        cache.close()


def _hand_on(order: Order, news: dict[str, Any]) -> None:
    if "report" in news:
        cache.set(order.key, Report.from_json(news["report"]), KEEP_SECONDS)
    else:
        progress = Progress(order.key, news["done"], news["of"])
        cache.set(UNDER_WAY, progress, SILENT_SECONDS)


def _pipe(end: IO[str] | None) -> IO[str]:
    if end is None:
        raise RuntimeError("The process was started without this pipe.")
    return end


@cached
def _rules() -> str:
    """Return a digest of the code that makes the answers."""
    sources = sorted(Path(stats.__file__).parent.glob("*.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
