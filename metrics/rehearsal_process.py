"""One rehearsal in a process of its own: the order on standard input, news on standard output.

    python -m metrics.rehearsal_process

The order is a line of JSON, `{"scenario": {…}, "runs": 2000}`. The news are lines of JSON: how far
it is, twice a second, and at last the report. It ends with whoever started it, since that is when
standard input ends; and its own processes end with it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
from typing import Any

from metrics.rehearsals import rehearse
from metrics.stats.scenario import Scenario

# Whatever serves visitors goes first.
NICENESS = 10
NEWS_SECONDS = 0.5
# Longer than any order takes that the page accepts, on a slow machine.
MOST_SECONDS = 600


class Speaker:
    """Says how far the rehearsal is, from a thread of its own, until nobody listens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._far = (0, 0)

    def note(self, done: int, of: int) -> None:
        self._far = (done, of)

    def say(self, **news: Any) -> None:
        with self._lock:
            sys.stdout.write(json.dumps(news) + "\n")
            sys.stdout.flush()

    def keep_telling(self) -> None:
        """Tell until standard input ends, and end this process then."""
        try:
            while not select.select([sys.stdin], [], [], NEWS_SECONDS)[0]:
                self.say(done=self._far[0], of=self._far[1])
        finally:
            os._exit(1)


def main() -> None:
    """Take the order, and answer it."""
    order = json.loads(sys.stdin.readline())
    os.nice(NICENESS)
    signal.alarm(MOST_SECONDS)
    speaker = Speaker()
    speaker.note(0, 2 * order["runs"])
    threading.Thread(target=speaker.keep_telling, daemon=True).start()
    report = rehearse(Scenario(**order["scenario"]), order["runs"], on_progress=speaker.note)
    speaker.say(report=report.as_json())
    # Not by Python's own way out, on which the other thread could be caught speaking.
    os._exit(0)


if __name__ == "__main__":
    main()
