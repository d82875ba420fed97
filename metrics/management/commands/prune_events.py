from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from metrics import partitions, pruning
from metrics.pruning import OldMonth


def parse_age(text: str) -> timedelta:
    """Return the time that "90d" or "90" stands for."""
    if not re.fullmatch(r"[0-9]{1,5}d?", text):
        raise ArgumentTypeError("Give a number of days, such as 90d.")
    age = timedelta(days=int(text.removesuffix("d")))
    if age < pruning.MIN_AGE:
        raise ArgumentTypeError(f"Events are kept for {pruning.MIN_AGE.days}d at least.")
    return age


class Command(BaseCommand):
    help = "Drop the raw events of months that are older than so many days. Results stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than", type=parse_age, required=True, metavar="90d", help="age in days"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="change nothing; say what would be dropped"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        months = pruning.months_older_than(options["older_than"])
        if options["dry_run"]:
            for old in months:
                self.stdout.write(f"Would drop {_what(old)}.")
        else:
            self._prune(months)
        if not months:
            self.stdout.write("No month's events are all so old.")

    def _prune(self, months: list[OldMonth]) -> None:
        try:
            with partitions.dropping():
                for old in months:
                    pruning.prune(old)
                    self.stdout.write(f"Dropped {_what(old)}.")
                claims = pruning.forget_claims()
        except partitions.InUse as error:
            raise CommandError(f"{error} Run this again later.") from error
        if claims:
            self.stdout.write(f"Deleted {claims:,} claims of month's turns.")


def _what(old: OldMonth) -> str:
    # Its spaces don't break, which is for pages.
    size = filesizeformat(old.bytes).replace("\xa0", " ")
    return f"{partitions.partition_name(old.month)}: {old.events:,} events, {size}"
