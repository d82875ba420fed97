"""The incomplete gamma function for shapes in the millions."""

import math

from metrics.stats.stirling import log1p_excess

# Taylor coefficients in η of the first two functions cₖ(η) of the expansion, as far as they reach
# the thirteenth digit.
_COEFFICIENTS = (
    (-1 / 3, 1 / 12, -2 / 135, 1 / 864, 1 / 2835, -139 / 777600, 1 / 25515),
    (-1 / 540, -1 / 288, 1 / 378),
)


def temme_tails(a: float, x: float) -> tuple[float, float]:
    """What are P(a, x) and Q(a, x) when a is above a million and x within 4 % of it?

    The series and the continued fraction need about √a steps there; this takes none. Temme's
    uniform asymptotic expansion: Q = ½ erfc(η√(a/2)) + e^(−aη²/2)/√(2πa) · Σ cₖ(η)/aᵏ with
    ½η² = μ − ln(1 + μ), μ = x/a − 1. Returns (lower, upper), each with a relative error below 1e-12
    down to 1e-300. Source: NIST Digital Library of Mathematical Functions 8.12.
    """
    mu = (x - a) / a
    half_square = log1p_excess(mu)
    eta = math.copysign(math.sqrt(2 * half_square), mu)
    correction = 0.0
    for coefficients in reversed(_COEFFICIENTS):
        value = 0.0
        for coefficient in reversed(coefficients):
            value = value * eta + coefficient
        correction = correction / a + value
    correction *= math.exp(-a * half_square) / math.sqrt(2 * math.pi * a)
    z = math.copysign(math.sqrt(a * half_square), mu)
    return math.erfc(-z) / 2 - correction, math.erfc(z) / 2 + correction
