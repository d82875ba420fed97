from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from metrics import partitions

MOST = 120


class Command(BaseCommand):
    help = "Make the partitions of the raw events for this month and the months after it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--months", type=int, default=3, help="how many months after this one (default 3)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not 0 <= options["months"] <= MOST:
            raise CommandError(f"--months is between 0 and {MOST}.")
        try:
            made = partitions.ensure_ahead(options["months"])
        except OperationalError as error:
            raise CommandError(f"No partition was made. PostgreSQL says: {error}") from error
        for month in made:
            self.stdout.write(f"Partition {partitions.partition_name(month)}.")
        if not made:
            self.stdout.write("All partitions are there.")
