"""Counts the pages that a process shows, in memory, and writes them down once a second."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import Error

from experiments.statements import run
from metrics.ingest.store import SLOTS
from metrics.shown import TOTAL, Reason
from metrics.sql import statement

logger = logging.getLogger(__name__)

WRITE_SECONDS = 1.0
_DAY_SECONDS = 86_400

# Experiment, UTC day as days since 1970, reason.
Key = tuple[str, int, str]


class PageCounter:
    """One per process. Raising costs a few dictionary updates under a lock held for no longer.

    What is gathered in a process that is killed is lost: a second's worth.
    """

    def __init__(self) -> None:
        self._pages: Counter[Key] = Counter()
        self._lock = threading.Lock()
        self._written_at = 0.0

    def note(self, experiment_ids: Iterable[str], reasons: Iterable[tuple[str, Reason]]) -> None:
        """Count one page: as shown for these experiments, and for each as what became of it.

        The two are taken apart on purpose: that they agree can then be checked.
        """
        day = int(time.time() // _DAY_SECONDS)
        with self._lock:
            for experiment_id in experiment_ids:
                self._pages[experiment_id, day, TOTAL] += 1
            for experiment_id, reason in reasons:
                self._pages[experiment_id, day, reason] += 1

    def write_when_due(self, is_last: bool) -> None:
        """Write what was gathered if the last attempt is a second ago, or at the process's end.

        Raises database errors.
        """
        if not is_last:
            if time.monotonic() - self._written_at >= WRITE_SECONDS:
                self.write()
            return
        try:
            self.write()
        except Error:
            pages = sum(count for (_, _, reason), count in self._pages.items() if reason == TOTAL)
            logger.warning("pages shown were not counted", extra={"pages": pages})
            raise

    def write(self) -> None:
        """Write what was gathered, in one statement. What can't be written stays, for later.

        Raises database errors.
        """
        self._written_at = time.monotonic()
        with self._lock:
            gathered, self._pages = self._pages, Counter()
        if not gathered:
            return
        try:
            _raise_by(gathered)
        except Error:
            with self._lock:
                self._pages.update(gathered)
            raise


def _raise_by(gathered: Counter[Key]) -> None:
    keys = list(gathered)
    run(
        statement("raise_pages"),
        {
            "experiments": [experiment_id for experiment_id, _, _ in keys],
            "days": [_date_of(day) for _, day, _ in keys],
            "reasons": [str(reason) for _, _, reason in keys],
            "pages": [gathered[key] for key in keys],
            "slot": os.getpid() % SLOTS,
        },
    )


def _date_of(day: int) -> str:
    return datetime.fromtimestamp(day * _DAY_SECONDS, UTC).date().isoformat()


page_counter = PageCounter()
