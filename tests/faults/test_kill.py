"""kill -9 at any moment: what was acknowledged is kept once, and the counts are right."""

from __future__ import annotations

import random
import signal
import time
import uuid
from collections.abc import Callable

import pytest

from tests.faults.conftest import OpenSite
from tests.faults.couriers import Courier, check_ledgers
from tests.faults.house import House, children_of, signal_each
from tests.site import Site

pytestmark = pytest.mark.slow

KILLS = 20
# Of so many, one takes the master and its workers.
MASTER_EVERY = 5
WORKERS = 2
CLIENTS = 8
# Between two kills the site gets as far as this, and then up to so many seconds on.
PROGRESS = 30
LUCK_SECONDS = 0.4
DEADLINE_SECONDS = 60.0


def test_processes_killed_at_random_moments_lose_and_double_nothing(
    house: House, memcached: int, open_site: OpenSite, db: None
) -> None:
    rng = random.Random(2026)
    target = house.make_experiment()
    site = open_site(
        **house.environment,
        WEB_CONCURRENCY=str(WORKERS),
        CACHE_URL=f"pymemcache://127.0.0.1:{memcached}",
    )
    visitors = [str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(200)]
    couriers = [Courier(site.port, target, visitors, seed) for seed in range(CLIENTS)]
    for courier in couriers:
        courier.start()
    for number in range(1, KILLS + 1):
        progress_of(couriers)
        # The moment is drawn, not waited for: anything may be under way.
        time.sleep(rng.uniform(0, LUCK_SECONDS))
        if number % MASTER_EVERY == 0:
            kill_all(site)
            site.start()
        else:
            kill_one_worker(site, rng)
    progress_of(couriers)
    for courier in couriers:
        courier.stop()

    check_ledgers(couriers, house.kept_ids(target))
    house.manage("recount", "--check")
    # The killing was felt, or it proves nothing.
    broken_off = sum(answer.status == 0 for c in couriers for answer in c.answers)
    assert broken_off >= KILLS / 2
    assert site.stop() == 0


def progress_of(couriers: list[Courier]) -> None:
    """Wait until the clients have that many more events acknowledged."""
    before = sum(len(courier.acknowledged) for courier in couriers)
    until(lambda: sum(len(courier.acknowledged) for courier in couriers) >= before + PROGRESS)


def kill_one_worker(site: Site, rng: random.Random) -> None:
    master = site.process.pid
    until(lambda: bool(children_of(master)))
    signal_each([rng.choice(children_of(master))], signal.SIGKILL)


def kill_all(site: Site) -> None:
    """Kill the master first, so that it replaces nobody, and then its workers."""
    workers = children_of(site.process.pid)
    assert site.stop(signal.SIGKILL) == -signal.SIGKILL
    signal_each(workers, signal.SIGKILL)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
