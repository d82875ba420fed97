from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from metrics import goals


class Command(BaseCommand):
    help = "Count the past of goals that were added later, where that was cut short."

    def handle(self, *_args: Any, **_options: Any) -> None:
        pending = goals.goals_to_backfill()
        for goal in pending:
            if goals.backfill(goal.id):
                self.stdout.write(f"Counted what came before “{goal.name}” was added ({goal.id}).")
        if not pending:
            self.stdout.write("No goal's past is still to be counted.")
