"""Two servers behind nginx, as docker-compose.scale.yml has them, by hand on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django_ratelimit.core import _get_window

from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from experiments.tests.test_limits_shared import memcached
from metrics import counts, recount
from metrics.kinds import EXPOSURE
from metrics.models import Event
from tests.site import Reply, Site, send

from .conftest import PROJECT, free_port

__all__ = ["memcached"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx on this machine"),
]

LIMIT = 30


class Balancer:
    """nginx with the project's configuration, in front of these sites."""

    def __init__(self, folder: Path, sites: list[Site]) -> None:
        self.port = free_port()
        servers = [f"server 127.0.0.1:{s.port} max_fails=1 fail_timeout=1s;" for s in sites]
        text = (PROJECT / "docker" / "nginx.conf").read_text()
        assert "server web:8000 max_fails=1 fail_timeout=1s;" in text
        text = text.replace("server web:8000 max_fails=1 fail_timeout=1s;", "\n".join(servers))
        text = text.replace("listen 8080", f"listen 127.0.0.1:{self.port}")
        text = text.replace("/tmp/", f"{folder}/")
        # As root, nginx would write as somebody who may not enter the test's folder.
        user = "user root;\n" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(user + text)
        command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self.process = subprocess.Popen([*command, "-g", "daemon off;"])
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, "nginx doesn't answer"
            else:
                return

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        address: str = "",
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send a request from an address of this machine."""
        return send(self.port, method, path, body, headers, address=address)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
        assert self.process.wait(timeout=20) == 0


@pytest.fixture
def sites(memcached: int, tmp_path: Path) -> Iterator[list[Site]]:
    environment = {
        "CACHE_URL": f"pymemcache://127.0.0.1:{memcached}",
        "CLIENT_ADDRESS_HEADER": "X-Real-IP",
        "TRUST_FORWARDED_PROTO": "true",
        "WEB_CONCURRENCY": "1",
        "RATE_LIMIT_EVENTS": str(LIMIT),
        "RATE_LIMIT_TOGGLES": str(LIMIT),
    }
    opened = [Site(tmp_path, with_static_files=n == 0, **environment) for n in range(2)]
    yield opened
    for site in opened:
        site.stop()


@pytest.fixture
def balancer(sites: list[Site], tmp_path: Path) -> Iterator[Balancer]:
    folder = tmp_path / "nginx"
    folder.mkdir()
    balancer = Balancer(folder, sites)
    yield balancer
    balancer.stop()


def address_with_time_left() -> str:
    """Return an address of this machine whose minute of counted calls doesn't end in the test."""
    addresses = (f"127.0.3.{n}" for n in range(1, 255))
    return next(a for a in addresses if _get_window(a, 60) - time.time() > 40)


def events_for(experiment: Experiment) -> Callable[[], dict[str, str]]:
    """Return what makes events, each of a new visitor, without asking the database."""
    variant_id = str(experiment.variants.get(position=0).id)
    return lambda: {
        "id": str(uuid.uuid4()),
        "visitorId": str(uuid.uuid4()),
        "experimentId": str(experiment.id),
        "variantId": variant_id,
        "eventType": "page_view",
    }


def requests_of(site: Site, path: str) -> list[dict[str, Any]]:
    return [line for line in site.log_lines() if line.get("path") == path]


@pytest.mark.parametrize("path", ["/api/events", "/api/toggles"])
def test_a_limit_holds_over_both_servers_for_each_client(
    balancer: Balancer, sites: list[Site], path: str
) -> None:
    experiment = ExperimentFactory.create(split=[100, 0])
    address = address_with_time_left()
    is_post, new_event = path == "/api/events", events_for(experiment)

    def call(n: int, address: str = address) -> int:
        body = new_event() if is_post else None
        # A client can't choose whom it is taken for.
        spoofed = {"X-Real-IP": f"192.0.2.{n}", "X-Forwarded-For": f"192.0.2.{n}"}
        method = "POST" if is_post else "GET"
        return balancer.request(method, path, body, address=address, headers=spoofed).status

    with ThreadPoolExecutor(4) as pool:
        statuses = Counter(pool.map(call, range(2 * LIMIT)))
    passed = 201 if is_post else 200
    assert statuses == {passed: LIMIT, 429: LIMIT}
    assert call(0, "127.0.4.1") == passed
    assert all(len(requests_of(site, path)) > LIMIT / 4 for site in sites)
    if is_post:
        assert Event.objects.count() == LIMIT + 1
        [tallies] = counts.totals_for(experiment.id).values()
        assert tallies[EXPOSURE] == (LIMIT + 1, LIMIT + 1)
        assert recount.differences() == []


def test_bodies_pages_files_and_ids_come_through(balancer: Balancer, sites: list[Site]) -> None:
    ExperimentFactory.create()
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"}
    page = balancer.request("GET", "/", headers={**agent, "X-Request-ID": "from-the-client"})
    assert page.status == 200
    assert page.headers["x-request-id"] == "from-the-client"
    assert "set-cookie" in page.headers
    assert len(balancer.request("GET", "/livez").headers["x-request-id"]) == 32
    style = next(part for part in page.body.decode().split('"') if part.endswith(".css"))
    assert "immutable" in balancer.request("GET", style).headers["cache-control"]
    assert balancer.request("GET", "/dashboard/").headers["location"].startswith("/dashboard/")
    for site in sites:
        site.stop()
    # From here on it comes from nginx.
    assert balancer.request("GET", style).status == 200


def test_body_over_the_limit_is_refused_in_the_sites_words(balancer: Balancer) -> None:
    over = balancer.request("POST", "/api/events", b" " * (1024**2 + 1))
    assert over.status == 413
    assert over.headers["content-type"].startswith("application/json")
    assert over.json == {"error": "The body is larger than 1 MiB."}
    assert balancer.request("POST", "/api/events", b" " * 1024**2).status == 400


def test_one_server_that_ends_costs_no_call_and_both_are_a_503(
    balancer: Balancer, sites: list[Site]
) -> None:
    new_event = events_for(ExperimentFactory.create(split=[100, 0]))
    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(sites[0].stop)
        statuses = Counter(
            balancer.request("POST", "/api/events", new_event(), address=f"127.0.5.{n}").status
            for n in range(1, 61)
        )
        assert ending.result() == 0
    assert statuses == {201: 60}
    sites[1].stop()
    away = balancer.request("POST", "/api/events", new_event())
    assert (away.status, away.headers["retry-after"]) == (503, "1")
    assert "error" in away.json
    page = balancer.request("GET", "/")
    assert page.status == 503
    assert b"Back in a moment" in page.body
    sites[0].start()
    deadline = time.monotonic() + 30
    while balancer.request("GET", "/livez").status != 200:
        assert time.monotonic() < deadline
    assert Event.objects.count() == 60
