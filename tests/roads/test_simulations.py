"""A simulation beside a server that serves, stops or dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from experiments.tests.factories import make_viewer
from metrics.tests.sessions import processes_of_session
from tests.site import Reply, Site

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATH = "/dashboard/simulate/"
# As much as the page makes: it outlasts the test.
LONG = {
    "baseline_rate": "10",
    "minimum_lift": "20",
    "per_arm": "4000",
    "days": "200",
    "arms": "2",
    "runs": "2000",
    "seed": "7",
}
WAIT_SECONDS = 20
# What a browser would have from a page: in its cookie and in the form.
CSRF = "a" * 32


@pytest.fixture
def own_site(transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    # The key that this process's sessions are made with.
    site = Site(tmp_path, with_static_files=True, SECRET_KEY=settings.SECRET_KEY)
    yield site
    site.stop()


def post(site: Site, cookie: str, **changes: str) -> Reply:
    headers = {
        "Cookie": f"{cookie}; csrftoken={CSRF}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = urlencode(LONG | changes | {"csrfmiddlewaretoken": CSRF})
    return site.request("POST", PATH, body, headers)


def children_of(parent: int) -> list[int]:
    """Return the processes that any thread of this one started."""
    of_threads = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(pid) for children in of_threads for pid in children.read_text().split()]


@pytest.mark.parametrize("ends", ["the server is stopped", "its process is killed"])
def test_simulation_holds_up_nobody_and_ends_with_the_server(own_site: Site, ends: str) -> None:
    site = own_site
    client = Client()
    client.force_login(make_viewer())
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    [worker] = children_of(site.process.pid)
    assert post(site, cookie).status == 302
    refused = post(site, cookie, seed="8")
    assert refused.status == 409
    assert "the server makes one at a time" in refused.body.decode()
    # It leads a session of its own: itself, what tracks its resources, and two that work.
    [simulation] = children_of(worker)
    while len(processes_of_session(simulation)) < 4:
        time.sleep(0.02)
    assert site.request("GET", "/livez").status == 200
    began = time.monotonic()
    if ends == "the server is stopped":
        assert site.stop() == 0
        # It waits for requests that are under way, and not for this.
        assert time.monotonic() - began < WAIT_SECONDS
    else:
        os.kill(worker, signal.SIGKILL)
    while processes_of_session(simulation) and time.monotonic() - began < WAIT_SECONDS:
        time.sleep(0.02)
    assert processes_of_session(simulation) == []
