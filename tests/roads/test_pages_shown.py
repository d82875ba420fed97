"""Pages that two serving processes show are all in the counts once both have stopped."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from experiments.models import Experiment
from metrics.shown import Reason, shown_for
from tests.site import Site

pytestmark = pytest.mark.slow

BROWSER: dict[str, str] = {}
HEADERS = {
    Reason.COUNTED: BROWSER,
    Reason.BOT: {"User-Agent": "Examplebot"},
    Reason.PREFETCH: {"Sec-Purpose": "prefetch"},
    Reason.PRIVACY_SIGNAL: {"DNT": "1"},
}
CLIENTS, PAGES = 4, 60
DEADLINE_SECONDS = 30.0


def load_pages(site: Site, truth: Counter[Reason], lock: threading.Lock) -> None:
    """Load pages as one client after another, and add what was answered to the truth."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    mine: Counter[Reason] = Counter()
    try:
        for number in range(PAGES):
            reason = list(HEADERS)[number % len(HEADERS)]
            connection.request("GET", "/", headers=HEADERS[reason])
            response = connection.getresponse()
            response.read()
            assert response.status == 200
            mine[reason] += 1
            connection.request("HEAD", "/")
            connection.getresponse().read()
    finally:
        connection.close()
        with lock:
            truth.update(mine)


def test_pages_of_two_processes_are_all_counted_after_a_graceful_stop(
    experiment: Experiment, tmp_path: Path
) -> None:
    sites = [Site(tmp_path, with_static_files=True), Site(tmp_path)]
    truth: Counter[Reason] = Counter()
    lock = threading.Lock()
    clients = [
        threading.Thread(target=load_pages, args=(site, truth, lock))
        for site in sites
        for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert [site.stop() for site in sites] == [0, 0]
    shown = shown_for(experiment.id)
    assert shown.pages == 2 * CLIENTS * PAGES
    assert shown.adds_up
    assert Counter({Reason.COUNTED: shown.counted, **shown.excluded}) == truth


def test_pages_are_counted_while_the_site_runs(experiment: Experiment, tmp_path: Path) -> None:
    site = Site(tmp_path, with_static_files=True)
    load_pages(site, Counter(), threading.Lock())
    deadline = time.monotonic() + DEADLINE_SECONDS
    while shown_for(experiment.id).pages < PAGES:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert shown_for(experiment.id).adds_up
    assert site.stop() == 0
    assert shown_for(experiment.id).pages == PAGES
