"""Sample ratio mismatch: did the visitors arrive in the proportions that the split asks for?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from metrics.stats.checks import (
    require_count,
    require_not_negative,
    require_positive,
    require_probability,
)
from metrics.stats.chi_squared import SMALLEST_EXPECTED, sf
from metrics.stats.stirling import deviance, stirling_error
from metrics.stats.types import Reason

MISMATCH_BELOW = 0.001
CONCENTRATION = 10_000


@dataclass(frozen=True, slots=True)
class SampleRatioTest:
    """The answer of `sample_ratio_test`; `expected` is in visitors, in the order given."""

    expected: tuple[float, ...]
    statistic: float | None
    df: int
    p_value: float | None
    mismatch: bool
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class SequentialSampleRatioTest:
    """The answer of `sequential_sample_ratio_test`; a factor above 1 speaks for a mismatch."""

    log_bayes_factor: float | None
    p_value: float | None
    mismatch: bool
    reason: Reason | None


def sample_ratio_test(observed: Sequence[int], weights: Sequence[float]) -> SampleRatioTest:
    """Would chance alone distribute the visitors this far from the split, looked at once?

    Pearson's chi-squared test of goodness of fit, exact up to its p-value; a mismatch is p < 0.001.
    `observed` are visitors, `weights` the split in any unit, both in variant order. A variant of
    weight 0 does not count, unless it has visitors, which no split explains: p 0. Without visitors
    or with one weighted variant p is None. Raises ValueError for counts and weights that cannot be.
    Source: Pearson, Philosophical Magazine 50 (1900) 157–175.
    """
    counts, shares = _counts_and_shares(observed, weights)
    total = sum(counts)
    expected = tuple(float(total * share) for share in shares)
    df = max(sum(share > 0 for share in shares) - 1, 0)
    if reason := _nothing_to_test(counts, shares):
        impossible = reason is Reason.VISITORS_WITHOUT_WEIGHT
        statistic, p_value = (math.inf, 0.0) if impossible else (None, None)
        return SampleRatioTest(expected, statistic, df, p_value, impossible, reason)
    squares = sum(
        Fraction(count * count) / share
        for count, share in zip(counts, shares, strict=True)
        if share
    )
    statistic = float(squares / total - total)
    p_value = sf(statistic, df)
    few = min(count for count in expected if count) < SMALLEST_EXPECTED
    return SampleRatioTest(
        expected=expected,
        statistic=statistic,
        df=df,
        p_value=p_value,
        mismatch=p_value < MISMATCH_BELOW,
        reason=Reason.SMALL_EXPECTED_COUNT if few else None,
    )


def sequential_sample_ratio_test(
    observed: Sequence[int],
    weights: Sequence[float],
    concentration: float = CONCENTRATION,
    previous_p_value: float = 1.0,
) -> SequentialSampleRatioTest:
    """Is there a mismatch, in a test that may be looked at after every visitor?

    The Bayes factor of a Dirichlet(concentration · split) against the split itself, from all
    visitors so far; p is its inverse, or the previous look's p where that is smaller, and holds its
    level over all looks together. A mismatch is p < 0.001. The weights must not have changed since
    the first visitor. Otherwise as `sample_ratio_test`, and without visitors p stays what it was.
    Source: Lindon & Malek, "Anytime-valid inference for multinomial count data", Advances in
    Neural Information Processing Systems 35 (2022).
    """
    require_positive("The concentration", concentration)
    require_probability("The previous p-value", previous_p_value)
    counts, shares = _counts_and_shares(observed, weights)
    reason = _nothing_to_test(counts, shares)
    if reason is Reason.VISITORS_WITHOUT_WEIGHT:
        return SequentialSampleRatioTest(math.inf, 0.0, True, reason)
    if reason is Reason.FEWER_THAN_TWO_ARMS:
        return SequentialSampleRatioTest(None, None, False, reason)
    log_bayes_factor = _log_bayes_factor(counts, tuple(weights), concentration)
    p_value = min(previous_p_value, math.exp(-log_bayes_factor))
    return SequentialSampleRatioTest(log_bayes_factor, p_value, p_value < MISMATCH_BELOW, reason)


def _log_bayes_factor(
    counts: Sequence[int], weights: tuple[float, ...], concentration: float
) -> float:
    """ln B(cw + n) − ln B(cw) − Σ nᵢ ln wᵢ, with the large terms cancelled on paper.

    What is left is the deviance of cw + n from its expectation, a term for the widths, and the
    errors of Stirling's formula.
    """
    total = sum(counts)
    grown = concentration + total
    log_factor = math.log(grown / concentration) / 2
    log_factor += stirling_error(concentration) - stirling_error(grown)
    for count, prior in zip(counts, _priors(weights, concentration), strict=True):
        if prior:
            numerator, denominator, before, error = prior
            after = before + count
            # The one difference that cancels, in whole numbers.
            gap = (total * numerator - count * denominator) / denominator
            log_factor += deviance(after, grown * numerator / denominator, gap)
            log_factor += stirling_error(after) - error - math.log(after / before) / 2
    return log_factor


@lru_cache(maxsize=256)
def _priors(
    weights: tuple[float, ...], concentration: float
) -> tuple[tuple[int, int, float, float] | None, ...]:
    """For each weight its share's whole numbers, c·w, and Stirling's error there."""
    shares = _shares(weights)
    means = [float(Fraction(concentration) * share) for share in shares]
    return tuple(
        (share.numerator, share.denominator, mean, stirling_error(mean)) if share else None
        for share, mean in zip(shares, means, strict=True)
    )


def _counts_and_shares(
    observed: Sequence[int], weights: Sequence[float]
) -> tuple[list[int], tuple[Fraction, ...]]:
    """The visitors and the split as exact shares of 1, after a check that both can be."""
    if len(observed) != len(weights):
        raise ValueError(f"{len(observed)} counts cannot be held against {len(weights)} weights.")
    return [require_count("Visitors", count) for count in observed], _shares(tuple(weights))


@lru_cache(maxsize=256)
def _shares(weights: tuple[float, ...]) -> tuple[Fraction, ...]:
    for weight in weights:
        require_not_negative("A weight", weight)
    if weights and not any(weights):
        raise ValueError(f"At least one weight must be above 0, and all {len(weights)} are 0.")
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact)
    return tuple(weight / total for weight in exact)


def _nothing_to_test(counts: Sequence[int], shares: Sequence[Fraction]) -> Reason | None:
    """Why the visitors need no distribution to be judged, or cannot be."""
    if not all(shares):
        if any(count and not share for count, share in zip(counts, shares, strict=True)):
            return Reason.VISITORS_WITHOUT_WEIGHT
        shares = [share for share in shares if share]
    if len(shares) < 2:
        return Reason.FEWER_THAN_TWO_ARMS
    return None if any(counts) else Reason.NO_VISITORS
