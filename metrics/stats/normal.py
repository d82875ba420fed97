"""The standard normal distribution, with tails."""

import math
from statistics import NormalDist

from metrics.stats.checks import require_probability

_STANDARD = NormalDist()


def cdf(z: float) -> float:
    """How likely is a standard normal value of z or less?

    ½ erfc(−z/√2), which keeps its relative accuracy in the lower tail, where 1 + erf and the
    library's own cdf answer 0. Source: Abramowitz & Stegun 7.1.22.
    """
    return sf(-z)


def sf(z: float) -> float:
    """How likely is a standard normal value above z?

    ½ erfc(z/√2), accurate in the upper tail down to 1e-300. Raises ValueError for NaN. Source:
    Abramowitz & Stegun 7.1.22.
    """
    if math.isnan(z):
        raise ValueError("z must be a number, not NaN.")
    return math.erfc(z / math.sqrt(2)) / 2


def two_sided_p(z: float) -> float:
    """How likely is a standard normal value at least as far from 0 as z?

    erfc(|z|/√2), from 1 at z = 0 downwards. Raises ValueError for NaN.
    """
    return 2 * sf(abs(z))


def quantile(p: float) -> float:
    """Below which z does the share p of the standard normal distribution lie?

    Wichura's algorithm AS 241 (Applied Statistics 37 (1988) 477–484), relative error about 1e-16;
    0 and 1 give −∞ and ∞. Raises ValueError for a p outside [0, 1].
    """
    require_probability("p", p)
    if p in (0, 1):
        return math.copysign(math.inf, p - 0.5)
    return _STANDARD.inv_cdf(p)
