"""Clients with a memory: of what was acknowledged to them, and of how each call was answered."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.bucketing import bucket_of, position_for
from experiments.event_types import EventType

# As patient as browsers and HTTP libraries commonly are; who waits longer was not answered.
CLIENT_SECONDS = 30.0
# Between two tries of one call. Ruder than Retry-After asks for: that is the load.
PAUSE_SECONDS = 0.02
TYPES = [event_type.value for event_type in EventType]


@dataclass(frozen=True, slots=True)
class Target:
    """A running experiment, as its clients know it."""

    experiment_id: str
    variant_ids: tuple[str, ...]
    split: tuple[int, ...]

    def variant_of(self, visitor_id: str) -> str:
        return self.variant_ids[position_for(bucket_of(visitor_id, self.experiment_id), self.split)]


@dataclass(frozen=True, slots=True)
class Answered:
    """How one call ended: when it began (monotonic), its seconds, its status (0 for none)."""

    began: float
    seconds: float
    status: int
    retry_after: str = ""
    uncounted: str = ""


class Client(threading.Thread):
    """Calls again and again until told to stop; keeps how each call was answered."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.answers: list[Answered] = []
        self.stopping = threading.Event()
        # What the last answer asked to be remembered.
        self.cookies = ""
        self._connection: http.client.HTTPConnection | None = None

    def stop(self) -> None:
        """Let the client finish what it is about, and wait for that."""
        self.stopping.set()
        self.join(timeout=60)
        assert not self.is_alive()
        if self._connection is not None:
            self._connection.close()

    def call(self, method: str, path: str, body: str = "", **headers: str) -> Answered:
        began = time.monotonic()
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=CLIENT_SECONDS
                )
            self._connection.request(method, path, body or None, headers)
            response = self._connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            answered = Answered(began, time.monotonic() - began, 0)
        else:
            answered = Answered(
                began,
                time.monotonic() - began,
                response.status,
                response.getheader("Retry-After", ""),
                response.getheader("X-Uncounted", ""),
            )
            cookies = response.headers.get_all("Set-Cookie", [])
            self.cookies = "; ".join(cookie.partition(";")[0] for cookie in cookies)
        self.answers.append(answered)
        return answered

    def between(self, first: float, last: float = float("inf")) -> list[Answered]:
        """Return the answers to the calls that began in a span of time."""
        return [answer for answer in self.answers if first <= answer.began < last]


class Courier(Client):
    """Sends events, one call after another, and repeats under the same ids what got no 201."""

    def __init__(self, port: int, target: Target, visitors: Sequence[str], seed: int) -> None:
        super().__init__(port)
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.surprises: list[Answered] = []
        self._target = target
        self._visitors = visitors
        self._rng = random.Random(seed)
        self._delivered: list[list[dict[str, Any]]] = []

    def run(self) -> None:
        while not self.stopping.is_set():
            # Now and then a client repeats what was acknowledged: its answer may have been lost.
            if self._delivered and self._rng.random() < 0.1:
                self._deliver(self._rng.choice(self._delivered))
            else:
                self._deliver([self._event() for _ in range(self._rng.choice((1, 1, 1, 5, 20)))])

    def _event(self) -> dict[str, Any]:
        visitor = self._rng.choice(self._visitors)
        return {
            "id": str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            "visitorId": visitor,
            "experimentId": self._target.experiment_id,
            "variantId": self._target.variant_of(visitor),
            "eventType": self._rng.choice(TYPES),
        }

    def _deliver(self, events: list[dict[str, Any]]) -> None:
        ids = {event["id"] for event in events}
        self.sent |= ids
        is_single = len(events) == 1
        path = "/api/events" if is_single else "/api/events/batch"
        body = json.dumps(events[0] if is_single else {"events": events})
        while True:
            answer = self.call("POST", path, body)
            if answer.status == 201:
                self.acknowledged |= ids
                self._delivered = [*self._delivered[-50:], events]
                return
            if answer.status not in (0, 503):
                self.surprises.append(answer)
                return
            time.sleep(PAUSE_SECONDS)


class Reader(Client):
    """Loads the landing page: as a new visitor each time, or as one who has been there."""

    def __init__(self, port: int, *, is_returning: bool) -> None:
        super().__init__(port)
        self._is_returning = is_returning

    def run(self) -> None:
        kept: dict[str, str] = {}
        while not self.stopping.is_set():
            self.call("GET", "/", **kept)
            if self._is_returning and not kept and "assignments=" in self.cookies:
                kept = {"Cookie": self.cookies}
            time.sleep(PAUSE_SECONDS)


class Asker(Client):
    """Asks for something in the API that stands in the database, again and again."""

    def __init__(self, port: int, path: str) -> None:
        super().__init__(port)
        self._path = path

    def run(self) -> None:
        while not self.stopping.is_set():
            self.call("GET", self._path)
            time.sleep(PAUSE_SECONDS)


def check_ledgers(couriers: Sequence[Courier], kept: Counter[str]) -> None:
    """Check what clients remember against what is kept: {event id: how often it is there}."""
    sent = set().union(*(courier.sent for courier in couriers))
    acknowledged = set().union(*(courier.acknowledged for courier in couriers))
    assert [a.status for courier in couriers for a in courier.surprises] == []
    assert acknowledged
    assert {event_id for event_id, times in kept.items() if times > 1} == set()
    assert acknowledged - kept.keys() == set()
    # A client's last events may be there although it never heard so; invented ones can't.
    assert kept.keys() - sent == set()
