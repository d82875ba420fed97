"""More than can be taken: quick refusals instead of time-outs, flat memory, a swift recovery."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import pytest

from config.lanes import BEHIND_SECONDS
from config.transport import BODY_SECONDS
from tests.faults.conftest import OpenSite
from tests.faults.couriers import CLIENT_SECONDS, Target
from tests.faults.flood import Flood
from tests.faults.house import House, children_of
from tests.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

QUEUE = 40
SATURATING = 40
# Events in a call: many, since that is what makes a call dear.
BATCH = 400
FLOOD_SECONDS = 4.0
# What the process may hold more than before: bodies on their way, and the queue.
MOST_GROWTH = 1.5


def statuses(flood: Flood) -> Counter[int]:
    return Counter(answer.status for answer in flood.answers)


def memory_of(site: Site) -> int:
    """Return the resident memory of the site's workers, in kB."""
    pids = ",".join(map(str, children_of(site.process.pid)))
    listed = subprocess.run(
        ["ps", "-o", "rss=", "-p", pids], capture_output=True, text=True, check=True
    )
    return sum(map(int, listed.stdout.split()))


def check_recovered(site: Site, target: Target) -> None:
    """The very next calls are taken, and no slower than on another day."""
    after = Flood(site.port, target)
    after.run(1, calls=20)
    assert statuses(after) == {201: 20}
    assert median(answer.seconds for answer in after.answers) < BEHIND_SECONDS / 4


def check_kept(house: House, target: Target, *floods: Flood) -> None:
    """Whatever was acknowledged is kept, and nothing that was refused: its callers come back."""
    kept = house.kept_ids(target)
    assert set(kept.values()) <= {1}
    acknowledged = set().union(*(flood.acknowledged for flood in floods))
    assert acknowledged <= kept.keys()
    # The recovery's own calls.
    assert len(kept) - len(acknowledged) == 20
    house.manage("recount", "--check")


def test_calls_ten_times_the_queue_are_refused_at_once_and_the_rest_is_kept(
    house: House, open_site: OpenSite
) -> None:
    target = house.make_experiment((100, 0))
    site = open_site(**house.environment, INGEST_QUEUE_SIZE=str(QUEUE))
    flood = Flood(site.port, target)
    calls = 10 * QUEUE
    with house.locked("metrics_dailycount"):
        flooding = threading.Thread(target=flood.run, args=(calls,), kwargs={"calls": 1})
        flooding.start()
        # One group is under way, behind the lock; a queue waits; all others have their answer.
        deadline = time.monotonic() + CLIENT_SECONDS
        while len(flood.answers) < calls - 2 * QUEUE:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert statuses(flood).keys() == {503}
        assert {answer.retry_after for answer in flood.answers} == {"1"}
    flooding.join()
    assert statuses(flood)[201] >= QUEUE
    assert sum(statuses(flood).values()) == calls
    assert statuses(flood).keys() == {201, 503}
    check_recovered(site, target)
    check_kept(house, target, flood)
    assert site.stop() == 0


def check_quick(flood: Flood, normal: Flood) -> None:
    """Nobody waits long: not who is let in, and less who is refused."""
    usual = [answer.seconds for answer in normal.answers]
    refused = [answer.seconds for answer in flood.answers if answer.status == 503]
    worst = max(answer.seconds for answer in flood.answers)
    assert worst < min(CLIENT_SECONDS / 2, max(usual) + 3 * BEHIND_SECONDS)
    assert median(refused) < median(usual) + BEHIND_SECONDS


def test_ten_times_the_clients_that_saturate_it_get_answers_and_memory_stays_flat(
    house: House, open_site: OpenSite
) -> None:
    target = house.make_experiment((100, 0))
    site = open_site(**house.environment)
    normal = Flood(site.port, target, batch=BATCH)
    normal.run(SATURATING, seconds=FLOOD_SECONDS / 2)
    before = memory_of(site)
    floods = [Flood(site.port, target, batch=BATCH) for _ in range(2)]
    sizes = []
    for flood in floods:
        flood.run(10 * SATURATING, seconds=FLOOD_SECONDS)
        sizes.append(memory_of(site))
        assert statuses(flood).keys() <= {201, 503}
        check_quick(flood, normal)
    # It goes on working, rather than only refusing.
    rate = statuses(normal)[201] / (FLOOD_SECONDS / 2)
    assert all(statuses(flood)[201] / FLOOD_SECONDS > rate / 5 for flood in floods)
    assert max(sizes) < MOST_GROWTH * before
    check_recovered(site, target)
    check_kept(house, target, normal, *floods)
    assert site.stop() == 0


@contextmanager
def slow_clients(site: Site, number: int) -> Iterator[list[socket.socket]]:
    """Open connections that have sent all of a call but its last bytes."""
    head = b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200\r\n\r\n{"
    connections = [site.connect() for _ in range(number)]
    try:
        for connection in connections:
            connection.sendall(head)
        yield connections
    finally:
        for connection in connections:
            connection.close()


def test_clients_that_never_finish_a_body_are_let_go_and_keep_nobody_waiting(
    house: House, open_site: OpenSite
) -> None:
    target = house.make_experiment((100, 0))
    site = open_site(**house.environment)
    with slow_clients(site, 200) as connections:
        began = time.monotonic()
        others = Flood(site.port, target)
        while time.monotonic() - began < BODY_SECONDS / 2:
            others.run(1, calls=1)
            for connection in connections:
                connection.sendall(b" ")
        assert statuses(others).keys() == {201}
        answers = [connection.recv(65536) for connection in connections]
        seconds = time.monotonic() - began
    assert {answer.split()[1] for answer in answers} == {b"408"}
    assert b"10 seconds" in json.loads(answers[0].partition(b"\r\n\r\n")[2])["error"].encode()
    assert BODY_SECONDS - 1 < seconds < BODY_SECONDS * 2
    assert site.stop() == 0
