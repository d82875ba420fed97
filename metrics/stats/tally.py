"""What many simulated runs amount to: rates, each with the error that so many runs leave."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from metrics.stats.checks import require_count
from metrics.stats.measures import Ended, ended, mean, standard_error
from metrics.stats.naive import p_path
from metrics.stats.scenario import Scenario
from metrics.stats.simulate import Run, simulate_run
from metrics.stats.types import Kind

# How many runs without an effect are drawn as paths of p.
PATHS = 8
MOST_RUNS = 100_000
# What `most_ended` calls most of the runs.
MOST = 0.9

_WINS = (Kind.EARLY_WINNER, Kind.WINNER)
_LOSSES = (Kind.EARLY_LOSER, Kind.LOSER)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of the runs, as a share, with its Monte Carlo standard error √(p(1 − p)/runs)."""

    count: int
    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How often runs of one truth ended how, and when.

    `wins` name a treatment that is better by the verdict, `right_wins` the one that really is;
    `losses` are final too, and `findings` are both. `undecided` found nothing, `data_problems` a
    wrong sample ratio, and `collecting` never had enough to judge. `any_p_below` and `last_p_below`
    are what comparing p with 0.05 says, at every look or at the last one. Mean look and visitors
    are until the end of a run; `half_ended` and `most_ended` tell by which look half of the runs
    had ended, and nine in ten.
    `early_overstatement` is the mean lift of early winners as a multiple of the true one, and
    `planned_overstatement` that of winners at the planned end, each with its standard error; None
    without any, and the errors with fewer than two.
    """

    runs: int
    wins: Rate
    early_wins: Rate
    right_wins: Rate
    losses: Rate
    findings: Rate
    undecided: Rate
    collecting: Rate
    data_problems: Rate
    any_p_below: Rate
    last_p_below: Rate
    mean_look: float
    mean_visitors: float
    half_ended: Ended
    most_ended: Ended
    early_overstatement: float | None
    early_overstatement_error: float | None
    planned_overstatement: float | None
    planned_overstatement_error: float | None

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the tally that a report's plain values describe."""
        parts: dict[str, Any] = {
            name: _part_from_json(value) if isinstance(value, dict) else value
            for name, value in values.items()
        }
        return cls(**parts)


@dataclass(frozen=True, slots=True)
class Report:
    """What a plan does: without any effect, with the planted one, and p over the looks.

    `paths` are the overall chi-squared p of the first runs without an effect, look by look.
    """

    scenario: Scenario
    without_effect: Tally
    with_effect: Tally
    paths: tuple[tuple[float, ...], ...]

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values, the same bytes for the same scenario and runs."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the report that `as_json` made these values of."""
        return cls(
            scenario=Scenario(**values["scenario"]),
            without_effect=Tally.from_json(values["without_effect"]),
            with_effect=Tally.from_json(values["with_effect"]),
            paths=tuple(map(tuple, values["paths"])),
        )


def simulate(scenario: Scenario, runs: int) -> Report:
    """What would happen if this plan were run so many times? The same seed, the same answer.

    Raises ValueError for fewer than 1 or more than 100,000 runs.
    """
    require_runs(runs)
    return report(
        scenario,
        [simulate_run(scenario, number, is_planted=False) for number in range(runs)],
        [simulate_run(scenario, number, is_planted=True) for number in range(runs)],
    )


def require_runs(runs: int) -> None:
    """Refuse a number of runs that tells nothing or takes hours.

    Raises ValueError with the number.
    """
    if not 1 <= require_count("The number of runs", runs) <= MOST_RUNS:
        raise ValueError(f"Runs are 1 to {MOST_RUNS:,}, not {runs:,}.")


def report(scenario: Scenario, without_effect: Sequence[Run], with_effect: Sequence[Run]) -> Report:
    """Return what runs that were made elsewhere amount to. Raises ValueError without runs."""
    paths = range(min(PATHS, len(without_effect)))
    return Report(
        scenario=scenario,
        without_effect=tally(without_effect, scenario.lift),
        with_effect=tally(with_effect, scenario.lift),
        paths=tuple(p_path(scenario, number, is_planted=False) for number in paths),
    )


def tally(runs: Sequence[Run], lift: float) -> Tally:
    """Return how often the runs ended how; `lift` is the true one. Raises ValueError without any.

    Without an effect no treatment is the right one, and what is overstated has no measure.
    """
    require_runs(len(runs))
    is_planted = runs[0].is_planted
    looks = sorted(run.look for run in runs)
    early, planned = (_multiples(runs, kind, lift) for kind in _WINS)

    def share_of(*kinds: Kind) -> Rate:
        return _rate(run.kind in kinds for run in runs)

    return Tally(
        runs=len(runs),
        wins=share_of(*_WINS),
        early_wins=share_of(Kind.EARLY_WINNER),
        right_wins=_rate(is_planted and run.kind in _WINS and run.subject == 1 for run in runs),
        losses=share_of(*_LOSSES),
        findings=share_of(*_WINS, *_LOSSES),
        undecided=share_of(Kind.NO_DETECTABLE_DIFFERENCE),
        collecting=share_of(Kind.COLLECTING, Kind.INVALID),
        data_problems=share_of(Kind.DATA_PROBLEM),
        any_p_below=_rate(run.p_below_at_any_look for run in runs),
        last_p_below=_rate(run.p_below_at_last_look for run in runs),
        mean_look=math.fsum(run.look for run in runs) / len(runs),
        mean_visitors=math.fsum(run.visitors for run in runs) / len(runs),
        half_ended=ended(looks, 0.5),
        most_ended=ended(looks, MOST),
        early_overstatement=mean(early),
        early_overstatement_error=standard_error(early),
        planned_overstatement=mean(planned),
        planned_overstatement_error=standard_error(planned),
    )


def _rate(happened: Iterable[bool]) -> Rate:
    outcomes = list(happened)
    count = sum(outcomes)
    value = count / len(outcomes)
    return Rate(count, value, math.sqrt(value * (1 - value) / len(outcomes)))


def _multiples(runs: Sequence[Run], kind: Kind, lift: float) -> list[float]:
    """What was found, in true lifts; nothing where there was no true lift."""
    return [run.lift / lift for run in runs if run.is_planted and run.kind is kind and run.lift]


def _part_from_json(values: dict[str, Any]) -> Rate | Ended:
    return Rate(**values) if "count" in values else Ended(**values)
