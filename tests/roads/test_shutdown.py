"""SIGTERM: what is under way is finished, nothing acknowledged is lost, connections are closed."""

from __future__ import annotations

import http.client
import json
import threading
import uuid
from pathlib import Path

import pytest

from experiments.models import Experiment
from experiments.tests.factories import variants_of
from metrics import recount
from metrics.models import Event
from tests.site import Site

from .pieces import answer_on, in_one_piece

pytestmark = pytest.mark.slow

CLIENTS = 8
# Two writers, the keeper, and one for each thread of Django's road.
MOST_SESSIONS = 11


class Client:
    """Sends events one after another and remembers what was acknowledged.

    In one piece, or head and body by themselves: they take different ways through the server.
    """

    def __init__(self, site: Site, experiment: Experiment, *, in_one_piece: bool) -> None:
        self._in_one_piece = in_one_piece
        self.acknowledged: list[str] = []
        self.statuses: set[int] = set()
        self._connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        [self._variant, _] = variants_of(experiment)
        self._experiment = experiment
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            while True:
                event = {
                    "id": str(uuid.uuid4()),
                    "visitorId": str(uuid.uuid4()),
                    "experimentId": str(self._experiment.id),
                    "variantId": str(self._variant.id),
                    "eventType": "page_view",
                }
                status = self._send(json.dumps(event).encode())
                self.statuses.add(status)
                if status == 201:
                    self.acknowledged.append(event["id"])
        except (OSError, http.client.HTTPException):
            return  # the server is gone, which ends the test
        finally:
            self._connection.close()

    def _send(self, body: bytes) -> int:
        if not self._in_one_piece:
            self._connection.request("POST", "/api/events", body)
            response = self._connection.getresponse()
            response.read()
            return response.status
        if self._connection.sock is None:
            self._connection.connect()
        self._connection.sock.sendall(in_one_piece("/api/events", body))
        return answer_on(self._connection.sock).status


@pytest.mark.parametrize("experiment", [[100, 0]], indirect=True)
def test_sigterm_under_load_loses_nothing_acknowledged(
    experiment: Experiment, tmp_path: Path
) -> None:
    site = Site(tmp_path)
    clients = [Client(site, experiment, in_one_piece=n % 2 == 0) for n in range(CLIENTS)]
    while sum(len(client.acknowledged) for client in clients) < 200:
        assert all(client.thread.is_alive() for client in clients), site.log.read_text()
    assert 0 < site.database_sessions() <= MOST_SESSIONS
    assert site.stop() == 0
    for client in clients:
        client.thread.join(timeout=30)
        assert client.statuses == {201}
    kept = {str(i) for i in Event.objects.values_list("id", flat=True)}
    assert {i for client in clients for i in client.acknowledged} <= kept
    assert recount.differences() == []
    assert site.database_sessions() == 0
