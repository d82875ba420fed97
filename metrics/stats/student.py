"""Student's t distribution."""

import math

from metrics.stats.beta import beta_tails, log_odds_density
from metrics.stats.checks import require_positive, require_probability
from metrics.stats.normal import quantile

# Closer to 0 than this the share around 0 is proportional to t; farther out than this many √df the
# tail is proportional to t to the power −df. Both hold to the last place of a float.
_NEAR = 1e-100
_FAR = 1e9
_LARGEST_EXPONENT = 680.0


def t_two_sided_p(t: float, df: float) -> float:
    """How likely is a Student's t value at least as far from 0 as t, with df degrees of freedom?

    Iₓ(df/2, ½) with x = df/(df + t²), for any real df > 0. Relative error below 1e-11, the tails
    included. Raises ValueError for other df and for NaN. Source: Abramowitz & Stegun 26.7.1.
    """
    require_positive("The degrees of freedom", df)
    if math.isnan(t):
        raise ValueError("t must be a number, not NaN.")
    return _shares(abs(t), df)[0]


def t_quantile(p: float, df: float) -> float:
    """Below which t does the share p of Student's distribution with df degrees of freedom lie?

    Newton's method on the logarithm of the tail, or of the share around 0, whichever is smaller, as
    a function of ln t. Relative error below 1e-11; 0 and 1 give −∞ and ∞, and so do quantiles that
    a float cannot hold. Raises ValueError for df not above 0 and for a p outside [0, 1].
    """
    require_probability("p", p)
    require_positive("The degrees of freedom", df)
    tail, centre = 2 * min(p, 1 - p), abs(2 * p - 1)
    if not centre:
        return 0.0
    far = _FAR * math.sqrt(df)
    beyond_far = _shares(far, df)[0]
    if tail <= beyond_far or not tail:
        exponent = math.log(beyond_far / tail) / df if tail else math.inf
        distance = far * math.exp(exponent) if exponent < _LARGEST_EXPONENT else math.inf
    elif tail < 0.5:
        distance = _newton(0, tail, -quantile(tail / 2), df)
    else:
        distance = _newton(1, centre, -quantile(tail / 2), df)
    return math.copysign(distance, p - 0.5)


def _shares(t: float, df: float) -> tuple[float, float]:
    """The probabilities of lying farther from 0 than t ≥ 0, and nearer."""
    if t < _NEAR:
        return 1.0, _shares(_NEAR, df)[1] * (t / _NEAR)
    far = _FAR * math.sqrt(df)
    if t > far:
        outside = _shares(far, df)[0] * (far / t) ** df
        return outside, 1 - outside
    return beta_tails(df / 2, 0.5, *_point(t, df))


def _point(t: float, df: float) -> tuple[float, float, float]:
    """Where t lies in the Beta(df/2, ½) distribution: x, 1 − x, and its gap to the mean."""
    total = df + t * t
    return df / total, t * t / total, df / 2 * (1 - t) * (1 + t) / total


def _newton(side: int, target: float, start: float, df: float) -> float:
    """Solve for the t where the share outside (side 0) or inside (side 1) is the target.

    Either share's logarithm is concave in ln t, so from the second step on Newton's method nears
    the answer from one side; a step into a tail that underflows is halved.
    """
    log_far = math.log(_FAR) + math.log(df) / 2
    log_t, step = min(math.log(start), log_far), 0.0
    while True:
        t = math.exp(log_t)
        share = _shares(t, df)[side]
        if not share:
            step /= 2
            log_t -= step
            continue
        # t times the two-sided density is twice the density of the log-odds at the same point.
        relative = 2 * math.exp(log_odds_density(df / 2, 0.5, *_point(t, df)) - math.log(share))
        step = math.log(target / share) / (relative if side else -relative)
        log_t = min(log_t + step, log_far)
        if abs(step) < 1e-9:
            return math.exp(log_t)
