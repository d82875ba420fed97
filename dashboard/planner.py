"""The page “Plan and start”: what was typed, what the past says, and what it takes."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.figures import amount, count, localized, percent
from dashboard.forms.plans import PlanForm, typed_percent
from dashboard.overview import Share, shares_of
from experiments import plans
from experiments.models import Experiment, Goal, Plan
from experiments.models.goal import Direction, GoalMeasure, GoalRole
from experiments.plans import PlanDraft
from metrics import history, planning
from metrics.history import Traffic
from metrics.planning import Forecast, ImpossiblePlan
from metrics.stats.types import Arm


class Press(StrEnum):
    """What the form is sent for; CHECK only shows the answer."""

    CHECK = "check"
    SAVE = "save"
    START = "start"


class Planner:
    """A draft's plan as a form, bound to what was sent, or filled from what is known."""

    def __init__(self, experiment: Experiment, data: QueryDict | None) -> None:
        self.experiment = experiment
        self._data: QueryDict = QueryDict() if data is None else data
        self.refusals: list[str] = []
        self.goals = list(experiment.goals.all())
        self.press = next((p for p in Press if data is not None and p in data), Press.CHECK)
        # A form that opens is filled in and worked out too: bound to what is known.
        self.form = PlanForm(self._filled_in() if data is None else data)
        self.version = data.get("version") if data is not None else experiment.version
        self.forecast = self._forecast()

    # Read where they are shown: an answer while one types needs neither.

    @cached_property
    def traffic(self) -> Traffic | None:
        return history.recent_traffic(self.experiment.page_id)

    @cached_property
    def baseline(self) -> Arm | None:
        return history.recent_baseline(self.goal)

    @property
    def goal(self) -> Goal:
        return next(goal for goal in self.goals if goal.role == GoalRole.PRIMARY)

    @property
    def shares(self) -> tuple[Share, ...]:
        return shares_of(self.experiment)

    @property
    def guards(self) -> list[tuple[Goal, str]]:
        """The goals that may be guarded, each with which way is harm, "" if it isn't guarded."""
        return [(goal, self._harms().get(goal.id, goal.harm)) for goal in self._guardable()]

    @property
    def has_uneven_split(self) -> bool:
        return len({v.weight for v in self.experiment.variants.all() if v.weight}) > 1

    @property
    def has_errors(self) -> bool:
        return self.form.is_bound and not self.form.is_valid()

    @property
    def problems(self) -> list[str]:
        """What is wrong, for whoever looks at the answer and not at the fields."""
        return [str(problem) for of_field in self.form.errors.values() for problem in of_field]

    @property
    def baseline_rate(self) -> float:
        return float(self.form.cleaned_data["baseline_rate"])

    @property
    def alpha(self) -> str:
        return localized(f"{self.forecast.alpha:.3g}") if self.forecast else ""

    @property
    def visitors_per_day(self) -> int:
        return round(self.form.cleaned_data["visitors_per_day"] or 0)

    @property
    def baseline_note(self) -> str:
        """Where the rate comes from that the form opens with."""
        if self.baseline is None:
            return _("No past data on this goal yet: type what you know or suppose.")
        return _(
            "%(rate)s of %(visitors)s visitors of controls reached this goal in the last 28 days."
        ) % {"rate": percent(self.baseline.rate), "visitors": count(self.baseline.visitors)}

    @property
    def traffic_note(self) -> str:
        if self.traffic is None:
            return _("Nobody was counted in the last 28 days. With a number here, it says when.")
        return ngettext(
            "%(visitors)s a day on the last day.",
            "%(visitors)s a day on average over the last %(days)s days.",
            self.traffic.days,
        ) % {"visitors": amount(self.traffic.visitors_per_day), "days": self.traffic.days}

    @property
    def found_in_100(self) -> int:
        return round(float(self.form.cleaned_data["power"]) * 100)

    def save(self) -> None:
        """Keep the plan with the draft. Only with a forecast. Raises Refused."""
        with transaction.atomic():
            self._guard()
            plans.save_plan(experiment_id=self.experiment.id, plan=self._draft())

    def start(self) -> Experiment:
        """Start with this plan. Only with a forecast. Raises Refused and TransitionForbidden."""
        with transaction.atomic():
            self._guard()
            return plans.start_experiment(experiment_id=self.experiment.id, plan=self._draft())

    def _guard(self) -> None:
        version = str(self.version or "")
        plans.guard_goals(
            experiment_id=self.experiment.id,
            harms=self._harms(),
            version=int(version) if version.isdecimal() else None,
        )

    def _guardable(self) -> list[Goal]:
        return [
            goal
            for goal in self.goals
            if goal.role != GoalRole.PRIMARY and goal.measure == GoalMeasure.CONVERSION
        ]

    def _harms(self) -> dict[UUID, str]:
        """Return what was chosen for each goal that may be guarded."""
        sent = {goal.id: self._data.get(f"harm-{goal.id}") for goal in self._guardable()}
        return {id_: harm for id_, harm in sent.items() if harm in ("", *Direction.values)}

    def _draft(self) -> PlanDraft:
        typed, forecast = self.form.cleaned_data, self.forecast
        if forecast is None:
            raise ValueError("Without a forecast there is no plan.")
        days = forecast.duration.days
        return PlanDraft(
            baseline_rate=typed["baseline_rate"],
            minimum_lift=typed["minimum_lift"],
            power=float(typed["power"]),
            visitors_per_variant=forecast.per_variant,
            visitors_per_day=typed["visitors_per_day"],
            days=days if days and days <= planning.LONGEST_DAYS else None,
            alpha=planning.ALPHA,
        )

    def _filled_in(self) -> dict[str, object]:
        """Return the form as it opens: the saved plan, else the past, else a guess."""
        saved = Plan.objects.filter(experiment=self.experiment).first()
        if saved is not None:
            return {
                "baseline_rate": typed_percent(saved.baseline_rate),
                "minimum_lift": typed_percent(saved.minimum_lift),
                "power": f"{saved.power:g}",
                "visitors_per_day": _number(saved.visitors_per_day),
            }
        rate = self.baseline.rate if self.baseline else planning.DEFAULT_RATE
        return {
            "baseline_rate": typed_percent(round(rate or planning.DEFAULT_RATE, 4)),
            "minimum_lift": typed_percent(planning.DEFAULT_LIFT),
            "power": f"{planning.DEFAULT_POWER:g}",
            "visitors_per_day": _number(self.traffic.visitors_per_day if self.traffic else None),
        }

    def _forecast(self) -> Forecast | None:
        """Work the plan out, or put beside the fields what would be possible."""
        if not self.form.is_valid():
            return None
        typed = self.form.cleaned_data
        try:
            return planning.forecast_for(
                baseline_rate=typed["baseline_rate"],
                minimum_lift=typed["minimum_lift"],
                power=float(typed["power"]),
                weights=[variant.weight for variant in self.experiment.variants.all()],
                visitors_per_day=typed["visitors_per_day"],
                today=timezone.now().date(),
            )
        except ImpossiblePlan as impossible:
            self.form.show(impossible)
        return None


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.{0 if value >= 10 else 1}f}"
