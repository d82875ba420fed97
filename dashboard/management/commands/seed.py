from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dashboard import seeding
from experiments.lifecycle import Status
from experiments.models import Experiment, Phase
from metrics.progress import show_progress
from metrics.simulation import Plan, SimulationRefused, simulate


class Command(BaseCommand):
    help = "Fill a fresh installation, and with --visitors send simulated visitors through it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--visitors", type=int, default=0, help="how many to simulate")
        parser.add_argument("--days", type=int, default=14, help="spread over this many past days")
        parser.add_argument(
            "--lift", type=float, default=0.15, help="the treatments' relative advantage, e.g. 0.15"
        )
        parser.add_argument("--seed", type=int, default=7, help="the same seed, the same visitors")

    def handle(self, *_args: Any, **options: Any) -> None:
        for sentence in seeding.seed_installation():
            self.stdout.write(sentence)
        if options["visitors"]:
            self._simulate(options)

    def _simulate(self, options: dict[str, Any]) -> None:
        if options["visitors"] < 0 or options["days"] < 1 or not -1 <= options["lift"] <= 5:
            raise CommandError("--visitors and --days are 1 or more; --lift is between -1 and 5.")
        experiment = Experiment.objects.get(pk=seeding.EXPERIMENT_ID)
        if experiment.status != Status.ACTIVE:
            raise CommandError(
                f"“{experiment.name}” is {experiment.get_status_display().lower()}: only an active "
                "experiment takes new visitors."
            )
        midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        plan = Plan(
            visitors=options["visitors"],
            start=midnight - timedelta(days=options["days"]),
            days=options["days"],
            lift=options["lift"],
            seed=options["seed"],
        )
        # The simulated past is the experiment's own.
        Experiment.objects.filter(pk=experiment.pk, started_at__gt=plan.start).update(
            started_at=plan.start
        )
        Phase.objects.filter(experiment=experiment, number=1, started_at__gt=plan.start).update(
            started_at=plan.start
        )
        experiment.phases.filter(number=1, started_at__gt=plan.start).update(started_at=plan.start)
        try:
            for done in simulate(experiment, plan):
                show_progress(self.stdout, done, plan.visitors, "visitors")
        except SimulationRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{plan.visitors:,} visitors over {plan.days} days.")
