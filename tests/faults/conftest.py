from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from experiments.tests.test_limits_shared import memcached  # noqa: F401  (a fixture)
from tests.deployment.conftest import remove
from tests.faults.house import House, children_of, signal_each
from tests.site import Site

OpenSite = Callable[..., Site]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A durable database server of the module's own."""
    folder = Path(tempfile.mkdtemp(prefix="plainsplit-faults-", dir="/tmp"))
    folder.chmod(0o755)
    made = House(folder / "var")
    yield made
    made.thaw()
    remove(folder / "var")
    shutil.rmtree(folder)


@pytest.fixture
def open_site(tmp_path: Path, django_db_setup: None) -> Iterator[OpenSite]:
    """Opens sites that end with the test, whatever becomes of it; takes their environment."""
    opened: list[Site] = []

    def open_one(**environment: str) -> Site:
        opened.append(Site(tmp_path, with_static_files=False, **environment))
        return opened[-1]

    yield open_one
    for site in opened:
        if site.process.poll() is None:
            # As a whole: a master that is killed leaves its workers.
            signal_each([site.process.pid, *children_of(site.process.pid)], signal.SIGKILL)
            site.process.wait(timeout=10)
