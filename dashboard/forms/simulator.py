"""The simulator's form: a plan, the truth, and how often."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.figures import count
from dashboard.forms.fields import DashboardForm
from dashboard.forms.plans import PercentField
from metrics.planning import ImpossiblePlan, require_possible
from metrics.stats.rules import SMALLEST_DAYS
from metrics.stats.scenario import MOST_ARMS

FEWEST_RUNS, MOST_RUNS = 100, 2_000
MOST_DAYS, MOST_PER_ARM, MOST_SEED = 365, 100_000_000, 999_999_999
# Runs × variants × (days + what a run costs besides its days): more than so much takes minutes.
MOST_WORK, BESIDES = 1_200_000, 28


def most_runs(variants: int, days: int) -> int:
    """Return how many runs the page makes of so many variants and days."""
    return min(MOST_RUNS, math.floor(MOST_WORK / variants / (days + BESIDES)))


def _whole(label: Any, lowest: int, highest: int, sentence: Any, **more: Any) -> forms.IntegerField:
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence)
    return forms.IntegerField(
        label=label, min_value=lowest, max_value=highest, error_messages=errors, **more
    )


class SimulatorForm(DashboardForm):
    baseline_rate = PercentField(
        label=gettext_lazy("True rate of the control"),
        error_messages={"required": gettext_lazy("Give a rate between 0.01 % and 99.99 %.")},
    )
    minimum_lift = PercentField(
        label=gettext_lazy("True lift of the first treatment"),
        error_messages={"required": gettext_lazy("Give a lift between 0.1 % and 10,000 %.")},
    )
    per_arm = _whole(
        gettext_lazy("Visitors per variant"),
        1,
        MOST_PER_ARM,
        gettext_lazy("Visitors per variant are 1 to 100,000,000."),
    )
    days = _whole(
        gettext_lazy("Days, with a look at the end of each"),
        SMALLEST_DAYS,
        MOST_DAYS,
        gettext_lazy("Days are 7 to 365: no verdict comes before a week is over."),
    )
    arms = _whole(
        gettext_lazy("Variants, with the control"),
        2,
        MOST_ARMS,
        gettext_lazy("Variants are 2 to 20, the control included."),
    )
    runs = _whole(
        gettext_lazy("Runs of each kind"),
        FEWEST_RUNS,
        MOST_RUNS,
        gettext_lazy("Runs are 100 to 2,000 here; “manage.py simulate” makes up to 100,000."),
    )
    seed = _whole(
        gettext_lazy("Seed"),
        0,
        MOST_SEED,
        gettext_lazy("The seed is a whole number from 0 to 999,999,999."),
        help_text=gettext_lazy("The same seed, the same answer."),
    )

    def clean(self) -> dict[str, Any]:
        """Put beside the fields what would be possible together."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if {"baseline_rate", "minimum_lift"} <= typed.keys():
            self._check_lift(typed["baseline_rate"], typed["minimum_lift"])
        if {"arms", "days", "runs", "per_arm"} <= typed.keys():
            self._check_size(typed["arms"], typed["days"], typed["runs"], typed["per_arm"])
        return typed

    def _check_lift(self, rate: float, lift: float) -> None:
        try:
            require_possible(rate, lift, (1, 1), None)
        except ImpossiblePlan as impossible:
            for field, sentence in impossible.problems.items():
                self.add_error(field, sentence)

    def _check_size(self, arms: int, days: int, runs: int, per_arm: int) -> None:
        if per_arm * arms < days:
            sentence = _("A look on each of %(days)s days takes at least %(least)s visitors each.")
            least = math.ceil(days / arms)
            self.add_error("per_arm", sentence % {"days": days, "least": count(least)})
        most = most_runs(arms, days)
        if runs > most:
            sentence = _(
                "With %(variants)s variants and %(days)s days, at most %(most)s runs are possible "
                "here: more would take minutes."
            )
            words = {"variants": arms, "days": days, "most": count(most)}
            self.add_error("runs", sentence % words)
