"""The database restarted, away or frozen under load: pages stay, events wait, nothing is lost."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.faults.conftest import OpenSite
from tests.faults.couriers import (
    Answered,
    Asker,
    Client,
    Courier,
    Reader,
    Target,
    check_ledgers,
)
from tests.faults.house import House, children_of
from tests.site import Site

pytestmark = pytest.mark.slow

# The promise: so long after the database is back, everything works, and no process was restarted.
RECOVERY_SECONDS = 2.0
CALM_SECONDS = 2.0
DEADLINE_SECONDS = 60.0


class Load:
    """Visitors on the pages of a site, events coming in, and programs asking its API."""

    def __init__(self, target: Target, port: int) -> None:
        visitors = [str(uuid.uuid4()) for _ in range(200)]
        self.couriers = [Courier(port, target, visitors, seed) for seed in range(6)]
        self.readers = [Reader(port, is_returning=n % 2 == 0) for n in range(4)]
        # As many as the site has threads for pages: none may be left waiting for the database.
        self.askers = [Asker(port, "/api/toggles") for _ in range(8)]

    @property
    def clients(self) -> list[Client]:
        return [*self.couriers, *self.readers, *self.askers]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Apply the load for the length of the block; afterwards everybody has finished."""
        for client in self.clients:
            client.start()
        try:
            wait_for(lambda: all(len(client.answers) > 5 for client in self.clients))
            yield
        finally:
            for client in self.clients:
                client.stopping.set()
            for client in self.clients:
                client.stop()


@dataclass(frozen=True, slots=True)
class Outage:
    """How the database fails, how it comes back, and how long it stays away, in seconds."""

    begin: Callable[[House], None]
    end: Callable[[House], None]
    seconds: float


OUTAGES = {
    "restarted": Outage(lambda house: house.stop("fast"), House.start, 0),
    "crashed, and away": Outage(lambda house: house.stop("immediate"), House.start, 10),
    "frozen": Outage(House.freeze, House.thaw, 8),
}


@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES)
def test_outage_costs_no_page_and_no_acknowledged_event(
    outage: Outage, house: House, open_site: OpenSite, db: None
) -> None:
    target = house.make_experiment()
    site = open_site(**house.environment, RATE_LIMIT_TOGGLES="0")
    load = Load(target, site.port)
    processes = children_of(site.process.pid)
    with load.applied():
        began = time.monotonic() + CALM_SECONDS
        wait_until(began)
        outage.begin(house)
        wait_until(began + outage.seconds)
        if outage.seconds:
            check_what_answers(site)
        outage.end(house)
        back = time.monotonic()
        wait_until(back + 2 * RECOVERY_SECONDS)

    check_pages(load.readers, began, back)
    check_calls(load.couriers, began, back)
    check_calls(load.askers, began, back)
    if outage.seconds:
        # Nobody waited for the outage to be over.
        during = [a for client in load.clients for a in client.between(began, back - 1)]
        assert max(a.seconds for a in during) < outage.seconds / 2
    check_ledgers(load.couriers, house.kept_ids(target))
    house.manage("recount", "--check")
    assert children_of(site.process.pid) == processes
    check_log(site)


def check_pages(readers: list[Reader], began: float, back: float) -> None:
    pages = [a for reader in readers for a in reader.answers]
    assert {a.status for a in pages} == {200}
    assert {a.uncounted for a in pages if a.began < began - 0.5} == {""}
    late = [a for a in pages if a.began > back + RECOVERY_SECONDS]
    assert late
    assert {a.uncounted for a in late} == {""}


def check_calls(clients: list[Courier] | list[Asker], began: float, back: float) -> None:
    """Each call is answered: as ever, or by a 503 that says when to come back."""
    calls: list[Answered] = [a for client in clients for a in client.answers]
    fine = {201, 200}
    assert {a.status for a in calls} <= fine | {503}
    refused = [a for a in calls if a.status == 503]
    assert refused
    assert {a.retry_after for a in refused} == {"1"}
    # A call may be on its way when the outage begins.
    assert min(a.began + a.seconds for a in refused) > began
    assert {a.status for a in calls if a.began > back + RECOVERY_SECONDS} <= fine
    assert any(a.began > back + RECOVERY_SECONDS for a in calls)


def check_what_answers(site: Site) -> None:
    """While the database is away the process lives, says so, and is honest about its health."""
    assert site.request("GET", "/livez").status == 200
    assert site.request("GET", "/api/health").status == 503
    sign_up = site.request(
        "POST",
        "/sign-up",
        "email=somebody%40company.example",
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{site.port}",
        },
    )
    assert (sign_up.status, sign_up.headers["retry-after"]) == (503, "60")
    assert b"somebody@company.example" in sign_up.body


def check_log(site: Site) -> None:
    """The outage is told of once, by one line, and so is its end."""
    assert site.stop() == 0
    lines = [line for line in site.log_lines() if line["message"] != "request"]
    worse = [line["message"] for line in lines if line["level"] not in ("INFO", "DEBUG")]
    assert worse == ["database unavailable, serving the last snapshot"]
    assert [line["message"] for line in lines].count("database available again") == 1


def wait_until(moment: float) -> None:
    """Let the load go on until then."""
    time.sleep(max(0.0, moment - time.monotonic()))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
