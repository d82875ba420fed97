from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from metrics import recount


class Command(BaseCommand):
    help = "Rebuild the counts from the raw events, or with --check only compare them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; print every difference and exit with 1 if there is one",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["check"]:
            recount.rebuild()
            self.stdout.write("Counts rebuilt from the raw events.")
            self._say_what_stays("Kept as it was")
            return
        differences = recount.differences()
        for d in differences:
            day = f" on {d.day}" if d.day else ""
            self.stdout.write(
                f"{d.what}{day}, {d.kind}, experiment {d.experiment_id}, variant {d.variant_id}: "
                f"the raw events say {d.expected}, the counts {d.found}"
            )
        self._say_what_stays("Not checked")
        if differences:
            self.stderr.write(f"{len(differences)} difference(s). `manage.py recount` rebuilds.")
            sys.exit(1)
        self.stdout.write("The counts equal the raw events.")

    def _say_what_stays(self, heading: str) -> None:
        for pruned in recount.pruned_months():
            self.stdout.write(
                f"{heading}: what {pruned.month:%Y-%m} counted ({pruned.events:,} events), and "
                "whom it saw for the first time. "
                f"Its raw events were pruned on {pruned.pruned_at:%Y-%m-%d}."
            )
