"""What the statistics are checked against: exact values at 50 digits, and random arms."""

from typing import Any

import mpmath
from hypothesis import settings
from hypothesis import strategies as st
from mpmath import mpf

from metrics.stats.types import Arm

mpmath.mp.dps = 50

# The same examples in every run, on machines of any speed.
properties = settings(derandomize=True, deadline=None, max_examples=40)

# Below this a double loses digits of its own accord.
SMALLEST_CHECKED = mpf("1e-300")


def relative_error(value: float, exact: Any) -> float:
    """How far is a computed value from the exact one, as a share of it?"""
    return float(abs((mpf(value) - exact) / exact))


def chi_squared_sf(x: float, df: float) -> Any:
    """The survival function by mpmath's own incomplete gamma."""
    return mpmath.gammainc(mpf(df) / 2, mpf(x) / 2, mpmath.inf, regularized=True)


def chi_squared_sf_closed(x: float, df: int) -> Any:
    """The closed sum for integer degrees of freedom, Abramowitz & Stegun 26.4.4 and 26.4.5."""
    half = mpf(x) / 2
    shape = mpf(df) / 2
    term = mpmath.exp((shape - 1) * mpmath.log(half) - half - mpmath.loggamma(shape))
    total = mpf(0)
    while shape >= 1 and term > total * mpf("1e-20"):
        total += term
        shape -= 1
        term *= shape / half
    return total + (mpmath.erfc(mpmath.sqrt(half)) if df % 2 else 0)


def normal_sf(z: Any) -> Any:
    """The upper tail of the standard normal distribution."""
    return mpmath.erfc(mpf(z) / mpmath.sqrt(2)) / 2


def arms(
    *, min_visitors: int = 0, max_visitors: int = 10**9, min_conversions: int = 0
) -> st.SearchStrategy[Arm]:
    """Arms of all sizes that can be."""
    visitors = st.integers(max(min_visitors, min_conversions), max_visitors)
    conversions = st.integers(min_conversions, max_visitors)
    return st.builds(lambda n, c: Arm(n, min(n, c)), visitors, conversions)


def beta_cdf(a: float, b: float, x: float) -> Any:
    """The incomplete beta function, from whichever tail mpmath's series converges for."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    if x * (a + b) <= a:
        return mpmath.betainc(a, b, 0, x, regularized=True)
    return 1 - mpmath.betainc(b, a, 0, 1 - x, regularized=True)


def t_two_sided_p(t: float, df: float) -> Any:
    """The share outside ±t, by mpmath's incomplete beta function."""
    x = mpf(df) / (mpf(df) + mpf(t) ** 2)
    return mpmath.betainc(mpf(df) / 2, mpf("0.5"), 0, x, regularized=True)


def binomial_tail(n: int, rate: float, at_least: int) -> Any:
    """The chance of at least so many successes in n tries, summed up, from above the mean on."""
    odds = mpf(rate) / (1 - mpf(rate))
    term = mpmath.exp(
        mpmath.loggamma(n + 1)
        - mpmath.loggamma(at_least + 1)
        - mpmath.loggamma(n - at_least + 1)
        + at_least * mpmath.log(odds)
        + n * mpmath.log(1 - mpf(rate))
    )
    total = mpf(0)
    while at_least <= n and term > total * mpf("1e-20"):
        total += term
        term *= odds * (n - at_least) / (at_least + 1)
        at_least += 1
    return total
