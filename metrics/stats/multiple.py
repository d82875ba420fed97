"""Several comparisons at once: p-values raised so that luck has no more chances than with one."""

from collections.abc import Sequence

from metrics.stats.checks import require_probability


def holm(p_values: Sequence[float]) -> list[float]:
    """What must each p-value be read as, so that any false win in the whole family stays rare?

    Holm's step-down procedure: the running maximum of (m − i)·p₍ᵢ₎ over the p-values in rising
    order, i from 0, capped at 1. Holds the chance of one false win or more, however the tests
    depend on each other. Answers in the order given. Raises ValueError for a p outside [0, 1].
    Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65–70.
    """
    order = _rising(p_values)
    adjusted = [0.0] * len(order)
    running = 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = running
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """What must each p-value be read as, so that few of the wins found are false?

    Benjamini and Hochberg's step-up procedure: the running minimum of p₍ᵢ₎·m/i from the largest
    p-value down, i from 1. Holds the expected share of false wins among the wins, for tests that
    are independent or rise together. Answers in the order given. Raises ValueError for a p outside
    [0, 1]. Source: Benjamini & Hochberg, Journal of the Royal Statistical Society B 57 (1995)
    289–300.
    """
    order = _rising(p_values)
    adjusted = [0.0] * len(order)
    running = 1.0
    for rank in range(len(order), 0, -1):
        index = order[rank - 1]
        running = min(running, p_values[index] * len(order) / rank)
        adjusted[index] = running
    return adjusted


def _rising(p_values: Sequence[float]) -> list[int]:
    """The positions of the p-values, smallest p-value first."""
    for p_value in p_values:
        require_probability("A p-value", p_value)
    return sorted(range(len(p_values)), key=p_values.__getitem__)
