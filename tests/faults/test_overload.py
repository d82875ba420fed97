"""More than can be taken: quick refusals instead of time-outs, flat memory, a swift recovery."""

from __future__ import annotations

import functools
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
# What the process may hold more than before: bodies on their way, and the queue. And after a flood
# more than after the one before: next to nothing, or it would grow with each.
MOST_GROWTH = 1.5
MOST_GROWTH_AGAIN = 1.25
# How much slower than its own usual pace counts as the same, whatever else the machine does.
AS_EVER = 4
USUAL_CALLS = 20


def statuses(flood: Flood) -> Counter[int]:
    return Counter(answer.status for answer in flood.answers)


def memory_of(site: Site) -> int:
    """Return the resident memory of the site's workers, in kB."""
    pids = ",".join(map(str, children_of(site.process.pid)))
    listed = subprocess.run(
        ["ps", "-o", "rss=", "-p", pids], capture_output=True, text=True, check=True
    )
    return sum(map(int, listed.stdout.split()))


def usual_pace(site: Site, target: Target) -> Flood:
    """Return what single calls, one after another, are like where nothing else goes on."""
    usual = Flood(site.port, target)
    usual.run(1, calls=USUAL_CALLS)
    assert statuses(usual) == {201: USUAL_CALLS}
    return usual


def check_recovered(site: Site, target: Target, usual: Flood) -> Flood:
    """The very next calls are taken, and about as quickly as before."""
    after = usual_pace(site, target)
    before, now = (median(a.seconds for a in flood.answers) for flood in (usual, after))
    assert now < max(BEHIND_SECONDS / 4, AS_EVER * before)
    return after


def check_kept(house: House, target: Target, *floods: Flood) -> None:
    """Whatever was acknowledged is kept, and nothing that was refused: its callers come back."""
    kept = house.kept_ids(target)
    assert set(kept.values()) <= {1}
    acknowledged = set().union(*(flood.acknowledged for flood in floods))
    assert kept.keys() == acknowledged
    house.manage("recount", "--check")


def test_calls_ten_times_the_queue_are_refused_at_once_and_the_rest_is_kept(
    house: House, open_site: OpenSite
) -> None:
    target = house.make_experiment((100, 0))
    site = open_site(**house.environment, INGEST_QUEUE_SIZE=str(QUEUE))
    usual = usual_pace(site, target)
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
    assert sum(statuses(flood).values()) == calls
    assert statuses(flood).keys() == {201, 503}
    # What was under way, and a queue: no more was let in, and all of that is done.
    assert 1 <= statuses(flood)[201] <= 2 * QUEUE
    after = check_recovered(site, target, usual)
    check_kept(house, target, usual, flood, after)
    assert site.stop() == 0


def seconds_of(flood: Flood, status: int) -> list[float]:
    return [answer.seconds for answer in flood.answers if answer.status == status]


def check_quick(flood: Flood, normal: Flood) -> None:
    """Nobody waits long: not who is let in, and less who is refused."""
    usual = seconds_of(normal, 201)
    worst = max(answer.seconds for answer in flood.answers)
    # Let in until it is seen to be behind, and then served at the site's own pace.
    assert worst < 2 * BEHIND_SECONDS + AS_EVER * max(usual)
    assert median(seconds_of(flood, 503)) < median(usual) + BEHIND_SECONDS


def lets_in_again(flood: Flood) -> bool:
    """Whether a call was taken that came after others had been refused: it goes on working."""
    first_refusal = min(
        (a.began + a.seconds for a in flood.answers if a.status == 503), default=float("inf")
    )
    return any(a.began > first_refusal for a in flood.answers if a.status == 201)


def test_ten_times_the_clients_that_saturate_it_get_answers_and_memory_stays_flat(
    house: House, open_site: OpenSite
) -> None:
    target = house.make_experiment((100, 0))
    site = open_site(**house.environment)
    usual = usual_pace(site, target)
    normal = Flood(site.port, target, batch=BATCH)
    normal.run(SATURATING, seconds=FLOOD_SECONDS / 2)
    # On a machine that is quick enough to serve those, as many more as it can't serve in time.
    rate = statuses(normal)[201] / (FLOOD_SECONDS / 2)
    clients = max(10 * SATURATING, round(3 * BEHIND_SECONDS * rate))
    before = memory_of(site)
    floods = [Flood(site.port, target, batch=BATCH) for _ in range(2)]
    sizes = []
    for flood in floods:
        flood.run(clients, seconds=FLOOD_SECONDS, until=functools.partial(lets_in_again, flood))
        sizes.append(memory_of(site))
        assert statuses(flood).keys() == {201, 503}
        assert lets_in_again(flood)
        check_quick(flood, normal)
    assert max(sizes) < MOST_GROWTH * before
    assert sizes[1] < MOST_GROWTH_AGAIN * sizes[0]
    after = check_recovered(site, target, usual)
    check_kept(house, target, usual, normal, *floods, after)
    assert site.stop() == 0


@contextmanager
def slow_clients(site: Site, number: int) -> Iterator[list[socket.socket]]:
    """Open connections that have sent all of a call but its last bytes."""
    # Longer than what a quick machine's test sends of it.
    head = b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{"
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
