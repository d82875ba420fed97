"""`make bench`: start everything, measure everything in turn, print one table of ratios.

python -m benchmarks [--rounds 3] [--seconds 4] [--events 10000000] [--only pages,events]
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import servers


def main() -> None:
    options = _options()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As Ctrl-C does it: whatever was started is stopped.
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    os.environ.pop("DATABASE_URL", None)
    os.environ["VAR_DIR"] = str(options.var_dir)
    options.var_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        from config import embedded

        url = stack.enter_context(embedded.running("development"))
        cache_port = stack.enter_context(servers.memcached())
        servers.deployed_environment(options.var_dir, url, cache_port)
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from benchmarks.run import run

        is_all_met = run(options, stack)
    sys.exit(0 if is_all_met else 3)


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument("--seconds", type=float, default=4, help="how long each time")
    parser.add_argument(
        "--events", type=int, default=10_000_000, help="raw events behind the statistics"
    )
    parser.add_argument("--only", default="", help="roads, store, memory, statistics")
    parser.add_argument("--var-dir", type=Path, default=servers.PROJECT / "var" / "bench")
    parser.add_argument("--output", type=Path, default=None, help="the JSON file")
    options = parser.parse_args()
    options.only = set(options.only.split(",")) - {""} or {"roads", "store", "memory", "statistics"}
    options.output = options.output or options.var_dir / "benchmark.json"
    if shutil.which("wrk") is None:
        print("wrk is not installed; the load comes from Python, which takes more of the machine.")
    return options


if __name__ == "__main__":
    main()
