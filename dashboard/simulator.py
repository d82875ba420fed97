"""The page “What would happen if I ran this plan 2,000 times?”: settings, progress, answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard.figures import NBSP, count, localized, percent
from dashboard.forms.plans import typed_percent
from dashboard.forms.simulator import MOST_DAYS, MOST_RUNS, SimulatorForm, most_runs
from dashboard.simulator_plot import PathPlot, path_plot
from experiments.models import Experiment, Plan
from metrics import planning, rehearsal_runs
from metrics.rehearsal_runs import Order, Progress
from metrics.stats.power import sample_size
from metrics.stats.rules import SMALLEST_DAYS
from metrics.stats.scenario import Scenario
from metrics.stats.tally import Rate, Report, Tally

DEFAULT_DAYS, DEFAULT_SEED = 28, 7
ENDINGS = (
    ("wins", gettext_noop("A treatment wins")),
    ("early_wins", gettext_noop("… of these before the planned end")),
    ("losses", gettext_noop("A treatment loses")),
    ("undecided", gettext_noop("No detectable difference")),
    ("collecting", gettext_noop("Too little data to the last")),
    ("data_problems", gettext_noop("Taken for a wrong sample ratio")),
    ("any_p_below", gettext_noop("For comparison: p < 0.05 on any day")),
    ("last_p_below", gettext_noop("For comparison: p < 0.05 on the last day")),
)


@dataclass(frozen=True, slots=True)
class Share:
    """A rate of runs as text, with its Monte Carlo error."""

    count: int
    value: str
    error: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Two shares beside each other, and what the plan promises; lengths are in percent."""

    plan: float
    naive: float
    promise: float


@dataclass(frozen=True, slots=True)
class Ending:
    """One row of the table of endings."""

    label: str
    without_effect: Share
    with_effect: Share


class Answer:
    """A report, as the page tells it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.scenario = report.scenario
        self.runs = report.with_effect.runs
        self.none, self.some = report.without_effect, report.with_effect

    @property
    def wrong(self) -> Share:
        """How often the product's rule names a winner or a loser where nothing differs."""
        return _share(self.none.findings, self.none)

    @property
    def deceived(self) -> Share:
        """How often somebody does who stops at the first p < 0.05."""
        return _share(self.none.any_p_below, self.none)

    @property
    def bars(self) -> Bars:
        """How long the bars of these two are, on a scale that the longer one nearly fills."""
        plan, naive = self.none.findings.value, self.none.any_p_below.value
        longest = max(plan, naive, planning.ALPHA) * 1.05
        return Bars(*(100 * share / longest for share in (plan, naive, planning.ALPHA)))

    @property
    def deceived_at_last(self) -> Share:
        return _share(self.none.last_p_below, self.none)

    @property
    def found(self) -> Share:
        return _share(self.some.right_wins, self.some)

    @property
    def early(self) -> Share:
        return _share(self.some.early_wins, self.some)

    @property
    def endings(self) -> list[Ending]:
        return [
            Ending(
                _(label),
                _share(getattr(self.none, name), self.none),
                _share(getattr(self.some, name), self.some),
            )
            for name, label in ENDINGS
        ]

    @property
    def plot(self) -> PathPlot:
        return path_plot(self.report.paths)

    @property
    def split(self) -> str:
        """The split in whole percent where it is uneven; "" where it is even."""
        weights = self.scenario.weights
        if len(set(weights)) == 1:
            return ""
        return " / ".join(f"{100 * weight / sum(weights):.0f}" for weight in weights)

    @property
    def command(self) -> str:
        """The same in a terminal."""
        scenario = self.scenario
        words = (
            f"manage.py simulate --baseline {scenario.baseline:.12g} --lift {scenario.lift:.12g} "
            f"--per-arm {scenario.per_arm} --looks {scenario.looks} --runs {self.runs} "
            f"--seed {scenario.seed}"
        )
        if self.split:
            return f"{words} --weights {','.join(f'{weight:g}' for weight in scenario.weights)}"
        return f"{words} --arms {len(scenario.weights)}" if len(scenario.weights) > 2 else words


class Simulator:
    """The settings as a form, bound to what was sent, and what they give."""

    def __init__(self, experiment: Experiment | None, sent: Mapping[str, str]) -> None:
        self.experiment = experiment
        self._weights = _weights_of(experiment)
        self.form = SimulatorForm(sent)
        self.order = self._order()
        # In this order: whoever ends first keeps the answer, and then says that it is made.
        running = rehearsal_runs.under_way()
        report = rehearsal_runs.answer_to(self.order) if self.order else None
        self.answer = Answer(report) if report else None
        is_ours = bool(self.order and running and running.key == self.order.key)
        self.progress = running if is_ours and not self.answer else None
        self.is_busy = self.is_broken = False
        self.others: Progress | None = None

    @classmethod
    def from_query(cls, experiment: Experiment | None, query: Mapping[str, str]) -> Simulator:
        """Return it for a link, which may leave settings out that are then the plan's own."""
        known = {name: query[name] for name in SimulatorForm.base_fields if name in query}
        return cls(experiment, _settings_of(experiment) | known)

    @property
    def has_errors(self) -> bool:
        return not self.form.is_valid()

    @property
    def runs(self) -> int:
        return self.order.runs if self.order else MOST_RUNS

    @property
    def path(self) -> str:
        if self.experiment is None:
            return reverse("dashboard:simulate")
        return reverse("dashboard:experiment-simulate", args=[self.experiment.id])

    @property
    def url(self) -> str:
        """Where this answer is, and how far it is until then."""
        typed = {name: self.form[name].value() for name in self.form.fields}
        return f"{self.path}?{urlencode(typed)}"

    def start(self) -> None:
        """Have the answer made. Only with an order. Raises rehearsal_runs.Busy."""
        if self.order is None:
            raise ValueError("Without valid settings there is nothing to simulate.")
        rehearsal_runs.start(self.order)

    def _order(self) -> Order | None:
        if not self.form.is_valid():
            return None
        typed = self.form.cleaned_data
        arms = typed["arms"]
        weights = self._weights if arms == len(self._weights) else (1,) * arms
        return Order(
            Scenario(
                baseline=typed["baseline_rate"],
                lift=typed["minimum_lift"],
                per_arm=typed["per_arm"],
                looks=typed["days"],
                weights=weights,
                seed=typed["seed"],
            ),
            typed["runs"],
        )


def _settings_of(experiment: Experiment | None) -> dict[str, str]:
    """Return the plan's own settings, or usual ones where there is no plan."""
    rate, lift = planning.DEFAULT_RATE, planning.DEFAULT_LIFT
    per_arm = sample_size(rate, rate * (1 + lift)).per_arm
    days: int | None = DEFAULT_DAYS
    plan = Plan.objects.filter(experiment=experiment).first() if experiment else None
    if plan is not None:
        rate, lift = plan.baseline_rate, plan.minimum_lift
        per_arm, days = plan.visitors_per_variant, plan.days
    arms = max(len(_weights_of(experiment)), 2)
    days = days_of(days)
    return {
        "baseline_rate": typed_percent(rate),
        "minimum_lift": typed_percent(lift),
        "per_arm": str(per_arm),
        "days": str(days),
        "arms": str(arms),
        "runs": str(most_runs(arms, days)),
        "seed": str(DEFAULT_SEED),
    }


def days_of(planned: int | None) -> int:
    """Return for how many days a plan is simulated that takes so many; usual ones if unknown."""
    return min(max(planned or DEFAULT_DAYS, SMALLEST_DAYS), MOST_DAYS)


def _weights_of(experiment: Experiment | None) -> tuple[int, ...]:
    """Return the split, without variants that get nobody; none where the control gets nobody."""
    if experiment is None:
        return ()
    weights = [variant.weight for variant in experiment.variants.all()]
    return tuple(filter(None, weights)) if weights and weights[0] else ()


def _share(rate: Rate, tally: Tally) -> Share:
    """Write a rate and its error with as many decimals as each other.

    Where it happened never or always, there is no such error: the count says it.
    """
    if rate.count in (0, tally.runs):
        of_runs = _("none of %(runs)s") if rate.count == 0 else _("all of %(runs)s")
        return Share(rate.count, percent(rate.value), of_runs % {"runs": count(tally.runs)})
    value, error = f"{100 * rate.value:.1f}{NBSP}%", f"±{NBSP}{100 * rate.error:.1f}"
    return Share(rate.count, localized(value), localized(error))
