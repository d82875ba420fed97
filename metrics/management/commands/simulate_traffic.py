from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from metrics import counts
from metrics.partitions import MonthPruned
from metrics.progress import show_progress
from metrics.traffic.load import AlreadySimulated, load, prepare
from metrics.traffic.visits import Traffic

MOST_DAYS = 730


class Command(BaseCommand):
    help = "Write simulated events by the million, into an experiment of their own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--events", type=int, default=1_000_000, help="how many events")
        parser.add_argument("--days", type=int, default=28, help="spread over this many past days")
        parser.add_argument("--seed", type=int, default=7, help="the same seed, the same visitors")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["events"] < 1 or not 1 <= options["days"] <= MOST_DAYS:
            raise CommandError(f"--events is 1 or more; --days is between 1 and {MOST_DAYS}.")
        midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            traffic = prepare(
                events=options["events"],
                start=midnight - timedelta(days=options["days"]),
                days=options["days"],
                seed=options["seed"],
            )
        except AlreadySimulated as already:
            raise CommandError(f"{already} Another --seed makes other traffic.") from already
        except MonthPruned as pruned:
            raise CommandError(f"{pruned} Use fewer --days.") from pruned
        self._load(traffic)

    def _load(self, traffic: Traffic) -> None:
        began = time.monotonic()
        show_progress(self.stdout, 0, traffic.events, "events")
        for done in load(traffic):
            show_progress(self.stdout, done, traffic.events, "events")
        seconds = time.monotonic() - began
        visitors = counts.visitors_by_experiment([traffic.experiment_id])[traffic.experiment_id]
        self.stdout.write(
            f"{traffic.events:,} events of {visitors:,} visitors in {seconds:,.1f} s, "
            f"experiment {traffic.experiment_id}."
        )
