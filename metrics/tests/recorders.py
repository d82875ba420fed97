"""Processes of their own that record events on the test's database."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from tests.site import database_url

PROJECT = Path(__file__).resolve().parents[2]

CHILD = """
import sys
import django
django.setup()
from datetime import datetime
from django.db import connection
from metrics.ingest.payload import Incoming, Submission
from metrics.ingest.record import record
from experiments.event_types import EventType

experiment, variant, event_type, *moments = sys.argv[1:]
connection.ensure_connection()
print("ready", flush=True)
for line in sys.stdin:
    visitor, event_id, turn = line.split()
    event = Incoming(
        visitor, experiment, variant, EventType(event_type), event_id,
        moment=datetime.fromisoformat(moments[int(turn)]),
    )
    [written] = record([Submission((event,))])
    print(written.reason, written.created_at[0].isoformat(), flush=True)
"""


class Recorder:
    """A process of its own that records the events it is told to, on the test's database."""

    def __init__(self, experiment_id: str, variant_id: str, moments: list[datetime]) -> None:
        texts = [moment.isoformat() for moment in moments]
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, experiment_id, variant_id, "page_view", *texts],
            cwd=PROJECT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": database_url("recorder"),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, visitor_id: str, event_id: str, turn: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{visitor_id} {event_id} {turn}\n")
        self.process.stdin.flush()

    def answer(self) -> tuple[str, datetime]:
        reason, moment = self._line().split()
        return reason, datetime.fromisoformat(moment)

    def close(self) -> None:
        self.process.communicate(timeout=20)
        assert self.process.returncode == 0
