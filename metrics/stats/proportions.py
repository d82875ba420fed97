"""Rates: how sure each is, and how far two lie apart."""

import math

from metrics.stats.checks import require_open_probability
from metrics.stats.normal import quantile
from metrics.stats.types import Arm, Interval


def wilson_interval(arm: Arm, alpha: float = 0.05) -> Interval | None:
    """Between which rates does the true one lie, given this arm's visitors and conversions?

    Wilson's score interval, at confidence 1 − alpha, as shares from 0 to 1. It stays inside [0, 1]
    and does not shrink to a point where nobody or everybody converted. None without visitors.
    Raises ValueError for an alpha outside (0, 1). Source: Wilson, Journal of the American
    Statistical Association 22 (1927) 209–212.
    """
    require_open_probability("alpha", alpha)
    n, c = arm.visitors, arm.conversions
    if not n:
        return None
    z = -quantile(alpha / 2)
    spread = z * math.sqrt(z * z + 4 * c * (n - c) / n)
    middle = 2 * c + z * z
    # Both ends solve one quadratic; the lower from their product, which loses no digits at c = 1.
    lower = 2 * c * c / n / (middle + spread)
    upper = 1.0 if c == n else (middle + spread) / (2 * (n + z * z))
    return Interval(lower, upper)
