"""What is simulated: the truth, and visitors who behave as it says."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random

from metrics.stats.binomial import Binomial
from metrics.stats.checks import require_count, require_open_probability, require_positive
from metrics.stats.look import Plan
from metrics.stats.types import Arm

MOST_ARMS = 20
MOST_LOOKS = 1_000


@dataclass(frozen=True, slots=True)
class Scenario:
    """A plan, how often one looks, and the truth.

    `baseline` is the control's true rate, `lift` how much better the first treatment really is
    where an effect is planted, relative; other treatments are as the control. `per_arm` visitors
    are planned for the arm with the smallest share, and come evenly, with a look at the end of each
    of `looks` days, or of as many parts of a week where that is longer. Where not `is_planned`, as
    many come, but nothing was settled before. Raises ValueError for what cannot be.
    """

    baseline: float
    lift: float
    per_arm: int
    looks: int = 28
    weights: tuple[float, ...] = (1, 1)
    is_planned: bool = True
    seed: int = 7

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", tuple(self.weights))
        require_open_probability("The baseline rate", self.baseline)
        require_positive("The lift", self.lift)
        if self.baseline * (1 + self.lift) > 1:
            raise ValueError(
                f"A lift of {self.lift:g} over {self.baseline:g} would be a rate above 1; "
                f"at most {1 / self.baseline - 1:g} is possible."
            )
        require_positive("Visitors per variant", require_count("Visitors", self.per_arm))
        if not 1 <= require_count("The number of looks", self.looks) <= MOST_LOOKS:
            raise ValueError(f"Looks are 1 to {MOST_LOOKS:,}, not {self.looks:,}.")
        if not 2 <= len(self.weights) <= MOST_ARMS:
            raise ValueError(f"Variants are 2 to {MOST_ARMS}, not {len(self.weights)}.")
        for weight in self.weights:
            require_positive("A weight", weight)
        visitors = self.plan.total_visitors(self.weights)
        if visitors < self.looks:
            raise ValueError(
                f"{self.looks} looks need as many visitors at least, not {visitors} in all."
            )

    @property
    def plan(self) -> Plan:
        """What was settled, where anything was: the planted lift is the smallest worth having."""
        return Plan(self.per_arm, self.lift)


def looks_of(scenario: Scenario, number: int, *, is_planted: bool) -> Iterator[tuple[Arm, ...]]:
    """Yield the counts at each look: visitors dealt out by the split, and who of them converted.

    Every run has a stream of random numbers of its own, so that runs may be made in any order and
    in several processes. Raises ValueError for a run number below 0.
    """
    # A simulation, not a secret.
    rng = Random(f"{scenario.seed}/{int(is_planted)}/{require_count('A run', number)}")  # noqa: S311
    rates, splits = _chances(scenario, is_planted)
    total = scenario.plan.total_visitors(scenario.weights)
    visitors, conversions = [0] * len(rates), [0] * len(rates)
    arrived = 0
    for number_of_look in range(1, scenario.looks + 1):
        waiting = total * number_of_look // scenario.looks - arrived
        arrived += waiting
        for index, rate in enumerate(rates):
            # Each arm takes its share of those whom the arms before it left.
            new = splits[index].draw(waiting, rng)
            waiting -= new
            visitors[index] += new
            conversions[index] += rate.draw(new, rng)
        yield tuple(map(Arm, visitors, conversions))


@lru_cache(maxsize=16)
def _chances(
    scenario: Scenario, is_planted: bool
) -> tuple[tuple[Binomial, ...], tuple[Binomial, ...]]:
    """The draws of each arm's conversions, and of its visitors among those still to be dealt."""
    planted = scenario.baseline * (1 + scenario.lift) if is_planted else scenario.baseline
    usual = (scenario.baseline,) * (len(scenario.weights) - 2)
    rates = tuple(map(Binomial, (scenario.baseline, min(planted, 1.0), *usual)))
    left = list(accumulate(reversed(scenario.weights)))[::-1]
    shares = (weight / rest for weight, rest in zip(scenario.weights, left, strict=True))
    return rates, tuple(Binomial(min(share, 1.0)) for share in shares)
