"""A database server of a test's own, durable as in production, which the test may maltreat."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from config.embedded import Cluster, Places
from config.embedded.account import Account
from config.embedded.binaries import bin_dir
from tests.faults.couriers import Target
from tests.site import PROJECT

STOP_SECONDS = 60
_MAKE_EXPERIMENT = """
import json, sys, django
django.setup()
from experiments.tests.factories import ExperimentFactory, variants_of
made = ExperimentFactory.create(split=json.loads(sys.argv[1]))
print(json.dumps([str(made.id), [str(v.id) for v in variants_of(made)]]))
"""


class House:
    """The server, with the product's tables in it; started at once.

    Its profile is `development`: what was committed is on the disk before anybody is told so.
    """

    def __init__(self, var_dir: Path) -> None:
        self._places = Places(var_dir.resolve(), "development")
        self._places.var_dir.mkdir(parents=True, exist_ok=True)
        self._cluster = Cluster(self._places)
        self.start()
        self.manage("migrate", "--verbosity=0")
        self.manage("collectstatic", "--noinput", "--verbosity=0")

    @property
    def environment(self) -> dict[str, str]:
        """What a process of the product needs to know to use this server."""
        return {
            "APP_ENV": "development",
            "DATABASE_URL": self._places.url(),
            "VAR_DIR": str(self._places.var_dir),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def start(self) -> None:
        """Start the server, and return when it accepts connections."""
        self._cluster.start()

    def stop(self, mode: str) -> None:
        """Stop the server as `pg_ctl stop --mode` does: fast, or immediate, which is a crash."""
        account = Account.for_server(self._places.home)
        pg_ctl = bin_dir(account, self._places.home.resolve()) / "pg_ctl"
        stopped = account.run(
            [pg_ctl, "stop", "-D", self._cluster.data, "-m", mode, "-t", str(STOP_SECONDS)]
        )
        assert stopped.returncode == 0, stopped.stderr

    def freeze(self) -> None:
        """Let the server accept connections, as the kernel does for it, and answer nobody."""
        postmaster = self._cluster.postmaster_pid()
        assert postmaster is not None
        # The postmaster first, so that it makes no further child.
        os.kill(postmaster, signal.SIGSTOP)
        signal_each(children_of(postmaster), signal.SIGSTOP)

    def thaw(self) -> None:
        postmaster = self._cluster.postmaster_pid()
        if postmaster is not None:
            signal_each([*children_of(postmaster), postmaster], signal.SIGCONT)

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py on this server and return what it printed."""
        return self._python("manage.py", *arguments)

    def make_experiment(self, split: tuple[int, ...] = (50, 50)) -> Target:
        """Make a running experiment."""
        made = self._python("-c", _MAKE_EXPERIMENT, json.dumps(split))
        experiment_id, variant_ids = json.loads(made)
        return Target(experiment_id, tuple(variant_ids), split)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Let nobody write to a table for the length of the block."""
        with psycopg.connect(self._places.url()) as connection:
            connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            yield

    def kept_ids(self, target: Target) -> Counter[str]:
        """Return the id of every raw event of an experiment, and how often it is there."""
        with psycopg.connect(self._places.url()) as connection:
            rows = connection.execute(
                "SELECT id::text FROM metrics_event WHERE experiment_id = %s",
                [target.experiment_id],
            )
            return Counter(row[0] for row in rows)

    def _python(self, *arguments: str) -> str:
        ran = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


def children_of(pid: int) -> list[int]:
    """Return the ids of a process's living children."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listed.stdout.split()]


def signal_each(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to those that are still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
