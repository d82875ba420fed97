"""What would happen if a plan were run 2,000 times: asked once, and remembered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache
from django.utils import timezone

from experiments.models import Experiment, Plan
from metrics.rehearsals import rehearse
from metrics.stats.scenario import Scenario
from metrics.stats.tally import Rate, Report

RUNS, SEED = 2_000, 7
# The same plan has the same answer for ever; whoever changes the code starts with an empty cache.
KEEP_SECONDS = 24 * 3600
# Nobody else starts one meanwhile: it takes both cores.
BUSY, BUSY_SECONDS = "rehearsal:busy", 120
FEWEST_LOOKS, MOST_LOOKS = 7, 56
# The drawing's heights in pixels, as the template has them.
TOP, PLOT = 6, 190
ENDINGS = (
    ("wins", "A treatment wins"),
    ("early_wins", "… before the planned end"),
    ("losses", "A treatment loses"),
    ("undecided", "No detectable difference"),
    ("last_p_below", "p < 0.05 on the last day"),
    ("any_p_below", "p < 0.05 on any day"),
)
# What people compare p with who look every day.
NAIVE = 0.05


class Busy(Exception):
    """Another rehearsal is under way."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A report, with the paths of p of some experiments without any effect as drawn lines."""

    report: Report
    paths: tuple[str, ...]

    @property
    def limit(self) -> float:
        """Where p = 0.05 lies in the drawing."""
        return place_of(NAIVE)

    @property
    def below(self) -> float:
        """How much of the drawing lies below it."""
        return 100 - self.limit

    @property
    def levels(self) -> list[tuple[float, str]]:
        """The values that the drawing names, each with its height in pixels."""
        return [(TOP + place_of(p) / 100 * PLOT, f"p = {p:g}") for p in (NAIVE, 0.01, 0.001)]

    @property
    def rows(self) -> list[tuple[str, Rate, Rate]]:
        """How the experiments ended: without an effect, and with it."""
        none, some = self.report.without_effect, self.report.with_effect
        return [(label, getattr(none, name), getattr(some, name)) for name, label in ENDINGS]


def scenario_of(experiment: Experiment, plan: Plan) -> Scenario:
    """Return the plan's own settings: one look a day, over as many days as were planned."""
    return Scenario(
        baseline=plan.baseline_rate,
        lift=plan.minimum_lift,
        per_arm=plan.visitors_per_variant,
        looks=min(max(plan.days or 28, FEWEST_LOOKS), MOST_LOOKS),
        weights=tuple(v.weight for v in experiment.variants.all() if v.weight),
        seed=SEED,
    )


def rehearsal_of(scenario: Scenario, *, may_run: bool) -> Rehearsal | None:
    """Return the remembered answer, or run it if it may: seconds on two cores. Raises Busy.

    None where nobody has asked yet and it may not run.
    """
    key = f"rehearsal:{sha256(repr((scenario, RUNS)).encode()).hexdigest()}"
    report: Report | None = cache.get(key)
    if report is None and may_run:
        if not cache.add(BUSY, timezone.now().isoformat(), BUSY_SECONDS):
            raise Busy
        try:
            report = rehearse(scenario, RUNS)
        finally:
            cache.delete(BUSY)
        cache.set(key, report, KEEP_SECONDS)
    if report is None:
        return None
    return Rehearsal(report, tuple(_points(path) for path in report.paths))


def place_of(p: float) -> float:
    """Return where a p-value lies in a square of 100, from 1 at the top to 0.001 at the bottom."""
    return min(max(-math.log10(max(p, 1e-9)) / 3, 0.0), 1.0) * 100


def _points(path: Sequence[float]) -> str:
    last = max(len(path) - 1, 1)
    return " ".join(f"{n / last * 100:.2f},{place_of(p):.2f}" for n, p in enumerate(path))
