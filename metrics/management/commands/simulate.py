from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrics.progress import show_progress
from metrics.rehearsal_text import as_text
from metrics.rehearsals import rehearse
from metrics.stats.scenario import Scenario


class Command(BaseCommand):
    help = "Say what would happen if a plan were run a thousand times, through the real verdict."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--baseline", type=float, default=0.1, help="the control's true rate")
        parser.add_argument("--lift", type=float, default=0.2, help="the true lift, relative")
        parser.add_argument("--per-arm", type=int, default=3840, help="visitors per variant")
        parser.add_argument("--runs", type=int, default=2000, help="how many experiments")
        parser.add_argument("--looks", type=int, default=28, help="looks, one at each day's end")
        parser.add_argument("--seed", type=int, default=7, help="the same seed, the same answer")
        parser.add_argument("--arms", type=int, default=2, help="variants, the control included")
        parser.add_argument("--weights", help="the split, such as 50,25,25; even if not given")
        parser.add_argument("--no-plan", action="store_true", help="with nothing settled before")
        parser.add_argument("--json", action="store_true", help="print JSON, with paths of p")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            scenario = Scenario(
                baseline=options["baseline"],
                lift=options["lift"],
                per_arm=options["per_arm"],
                looks=options["looks"],
                weights=_weights(options["weights"], options["arms"]),
                is_planned=not options["no_plan"],
                seed=options["seed"],
            )
            report = rehearse(scenario, options["runs"], on_progress=self._show)
        except ValueError as impossible:
            raise CommandError(str(impossible)) from impossible
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), indent=2))
        else:
            self.stdout.write(as_text(report))

    def _show(self, done: int, total: int) -> None:
        self.stderr.style_func = None
        show_progress(self.stderr, done, total, "experiments")


def _weights(typed: str | None, arms: int) -> tuple[float, ...]:
    """The split that was typed, or an even one for so many variants."""
    if typed is None:
        return (1,) * arms
    try:
        weights = tuple(float(part) for part in typed.split(","))
    except ValueError as wrong:
        raise CommandError(
            f"--weights are numbers with commas between, such as 50,25,25, not {typed!r}."
        ) from wrong
    if arms not in (2, len(weights)):
        raise CommandError(f"--weights names {len(weights)} variants, --arms {arms}.")
    return weights
