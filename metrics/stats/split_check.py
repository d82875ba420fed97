"""The check of the sample ratio that verdicts rest on: safe at every look, and quick to notice."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from metrics.stats.look import Look
from metrics.stats.srm import CONCENTRATION, MISMATCH_BELOW, sequential_sample_ratio_test

# A second prior, which finds gross mismatches among the first few hundred visitors; the usual one
# finds slight ones among thousands.
COARSE_CONCENTRATION = 100


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """Did visitors arrive as the split asks? By arm; None where there is nothing to check.

    The p-value holds over all looks together, if each was given the one before.
    """

    observed: tuple[int, ...]
    expected: tuple[float, ...]
    p_value: float | None
    mismatch: bool


def check_split(look: Look) -> SplitCheck:
    """Did the visitors arrive in the proportions of the split, whenever one looks?

    The mean of two Bayes factors, of `sequential_sample_ratio_test` with a concentration of 10,000
    and of 100: a mean of fair bets is a fair bet, so its inverse is a p-value at every look too. A
    mismatch is p < 0.001. Raises nothing. Source: Lindon & Malek (2022); for means of e-values,
    Vovk & Wang, Annals of Statistics 49 (2021) 1736–1754.
    """
    observed = look.enrolled or tuple(arm.visitors for arm in look.arms)
    total, weights = sum(observed), sum(look.weights)
    expected = tuple(total * weight / weights for weight in look.weights)
    factors = _log_factors(observed, look.weights)
    return SplitCheck(observed, expected, *_p_value(factors, look.previous_srm_p_value))


# Days that are over stay as they are, and are asked about with every page.
@lru_cache(maxsize=512)
def smallest_p_value(arrivals: tuple[tuple[int, ...], ...], weights: tuple[float, ...]) -> float:
    """Return the smallest p-value of past looks, to be handed in as `previous_srm_p_value`.

    `arrivals` are the visitors by arm who came before the first look, then between each look and
    the one before it. 1 where there was nothing to check. The same test as `check_split`.
    """
    smallest = 1.0
    observed = [0] * len(weights)
    for arrived in arrivals:
        observed = [before + more for before, more in zip(observed, arrived, strict=True)]
        p_value, _mismatch = _p_value(_log_factors(observed, weights), smallest)
        smallest = smallest if p_value is None else p_value
    return smallest


def _log_factors(observed: Sequence[int], weights: Sequence[float]) -> list[float | None]:
    return [
        sequential_sample_ratio_test(observed, weights, concentration).log_bayes_factor
        for concentration in (CONCENTRATION, COARSE_CONCENTRATION)
    ]


def _p_value(factors: list[float | None], previous: float) -> tuple[float | None, bool]:
    known = [factor for factor in factors if factor is not None]
    if not known:
        return None, False
    largest = max(known)
    if largest == math.inf:
        return 0.0, True
    mean = largest + math.log(sum(math.exp(factor - largest) for factor in known) / len(known))
    p_value = min(previous, math.exp(-max(mean, 0.0)))
    return p_value, p_value < MISMATCH_BELOW
