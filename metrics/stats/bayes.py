"""How likely is the treatment the better one, and what would a wrong choice cost?"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from metrics.stats.beta import beta_tails, log_odds_density
from metrics.stats.quadrature import gauss_legendre
from metrics.stats.types import Arm

# With a smaller prior the weight moves to rates that floats cannot tell from 0 or 1.
SMALLEST_PRIOR = 0.1

_ORDER = 12
# A panel's width: in standard deviations where a posterior has weight, in log-odds at most.
_PANEL_SPREADS = 2.5
_PANEL_LOG_ODDS = 2.0
# How far below its mode, as a logarithm, a posterior's density may be left out.
_NEGLIGIBLE = 37.0


@dataclass(frozen=True, slots=True)
class BayesianComparison:
    """The answer of `compare`; the losses are shares (0.001 is a tenth of a percentage point)."""

    chance_to_beat_control: float
    expected_loss_treatment: float
    expected_loss_control: float


@dataclass(frozen=True, slots=True)
class _Posterior:
    """A Beta(a, b) distribution of a rate, seen over the log-odds of the rate.

    Over the log-odds even a posterior that piles up at a rate of 0 is one smooth hill. Its weight
    lies between `lower` and `upper`.
    """

    a: float
    b: float
    spread: float
    lower: float
    upper: float

    def density(self, x: float, y: float) -> float:
        return math.exp(log_odds_density(self.a, self.b, x, y, self.b * x - self.a * y))

    def tails(self, x: float, y: float) -> tuple[float, float]:
        return beta_tails(self.a, self.b, x, y, self.b * x - self.a * y)


# By far the dearest figure of a results page, and asked for again and again on the same counts.
@lru_cache(maxsize=1024)
def compare(control: Arm, treatment: Arm, alpha: float = 1, beta: float = 1) -> BayesianComparison:
    """How likely does the treatment convert better, and how much is lost if the choice is wrong?

    The exact Beta-Binomial model with a Beta(alpha, beta) prior on either rate: the chance is
    P(rate of the treatment > rate of the control), the expected loss of choosing an arm is the mean
    of max(other rate − its rate, 0). Both by Gauss–Legendre integration over the log-odds, in
    panels that follow the posteriors' widths; absolute error below 1e-10. Arms without visitors are
    at their prior. None of this is safe to peek at. Raises ValueError for a prior below 0.1.
    Sources: Miller, "Formulas for Bayesian A/B testing" (2014); Berger, Statistical Decision Theory
    and Bayesian Analysis (2nd edition, 1985).
    """
    for name, value in (("alpha", alpha), ("beta", beta)):
        if not (math.isfinite(value) and value >= SMALLEST_PRIOR):
            raise ValueError(f"The prior's {name} must be {SMALLEST_PRIOR} or more, not {value!r}.")
    of_treatment, of_control = _posterior(treatment, alpha, beta), _posterior(control, alpha, beta)
    chance = loss_of_treatment = loss_of_control = 0.0
    for log_odds, weight in _nodes(of_treatment, of_control):
        x, y = 1 / (1 + math.exp(-log_odds)), 1 / (1 + math.exp(log_odds))
        treatment_below, treatment_above = of_treatment.tails(x, y)
        control_below, control_above = of_control.tails(x, y)
        chance += weight * of_treatment.density(x, y) * control_below
        loss_of_treatment += weight * x * y * treatment_below * control_above
        loss_of_control += weight * x * y * control_below * treatment_above
    return BayesianComparison(min(chance, 1.0), loss_of_treatment, loss_of_control)


def _posterior(arm: Arm, alpha: float, beta: float) -> _Posterior:
    a, b = alpha + arm.conversions, beta + arm.visitors - arm.conversions
    mode, spread = math.log(a / b), math.sqrt(1 / a + 1 / b)
    lower, upper = (_reach(a, b, mode, step) for step in (-spread, spread))
    return _Posterior(a, b, spread, lower, upper)


def _reach(a: float, b: float, mode: float, step: float) -> float:
    """The log-odds on one side of the mode from which on the density is negligible."""
    log_odds, share = mode, a / (a + b)
    fallen = 0.0
    while fallen < _NEGLIGIBLE:
        log_odds += step
        moved = log_odds - mode
        fallen = a * math.log1p((1 - share) * math.expm1(-moved))
        fallen += b * math.log1p(share * math.expm1(moved))
    return log_odds


def _nodes(*posteriors: _Posterior) -> Iterator[tuple[float, float]]:
    """Log-odds and weights of a sum that integrates whatever the posteriors multiply to."""
    edges = sorted({edge for one in posteriors for edge in (one.lower, one.upper)})
    left = edges[0]
    while left < edges[-1]:
        spreads = [one.spread for one in posteriors if one.lower <= left < one.upper]
        width = min([_PANEL_LOG_ODDS, *(_PANEL_SPREADS * spread for spread in spreads)])
        right = min(left + width, next(edge for edge in edges if edge > left))
        for point, weight in gauss_legendre(_ORDER):
            yield (left + right + (right - left) * point) / 2, (right - left) / 2 * weight
        left = right
