"""How gunicorn serves the site: `gunicorn -c python:config.gunicorn`.

Every module-level name here is a setting of gunicorn's, but for imports and what begins with an
underscore.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger as _Logger

from config.acceptor import forget as _forget
from config.logs import JsonFormatter as _JsonFormatter


class _JsonLogger(_Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own lines, in the form of all others.

    Not by `logconfig_dict`, which also turns on the work for the access log. The site itself logs
    each request.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(_JsonFormatter())


def on_starting(_server: Any) -> None:
    """Let each process hold as many connections as the machine allows, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = 65_536
    allowed = enough if hard == resource.RLIM_INFINITY else min(hard, enough)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def child_exit(_server: Any, worker: Any) -> None:
    """Tell the other processes not to wait for one that has ended, however it did."""
    _forget(worker.age)


wsgi_app = "config.asgi:application"
bind = f"{os.environ.get('HOST') or '0.0.0.0'}:{os.environ.get('PORT') or 8000}"  # noqa: S104  (a container's own address)
worker_class = "config.worker.Worker"
asgi_loop = "asyncio"
# A site whose start-up fails must say so, not serve without it.
asgi_lifespan = "on"
# More than one process only where they share a cache, in which the rate limits count.
workers = int(os.environ.get("WEB_CONCURRENCY") or (2 if os.environ.get("CACHE_URL") else 1))
proc_name = "plainsplit"
# Seconds. Longer than a load balancer keeps its end open (60 is common), so that it never sends a
# request on a connection that we are closing; an idle one costs about 10 kB and delays no stop.
keepalive = 65
graceful_timeout = 30
timeout = 30
# The workers' heartbeat files: in memory where there is such a folder, since a slow disk would
# make a worker look stuck.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
logger_class = _JsonLogger
loglevel = (os.environ.get("LOG_LEVEL") or "info").lower()
# It would lie in the home folder, shared by every gunicorn of this user.
control_socket_disable = True
