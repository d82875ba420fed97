"""Gauss–Legendre integration, exact to the last digits on panels where a function is smooth."""

import math
from functools import cache


@cache
def gauss_legendre(order: int) -> tuple[tuple[float, float], ...]:
    """At which points of [−1, 1], and with which weights, is a function summed to its integral?

    The zeros of the Legendre polynomial of that order, by Newton's method from Tricomi's estimate:
    pairs of point and weight, exact for polynomials up to degree 2·order − 1. Raises ValueError
    for an order below 1. Source: Abramowitz & Stegun 25.4.29 and 22.16.6.
    """
    if order < 1:
        raise ValueError(f"The order must be 1 or more, not {order}.")
    rule = []
    for index in range(order):
        point = math.cos(math.pi * (index + 0.75) / (order + 0.5))
        step = 1.0
        while abs(step) > 1e-15:
            value, slope = _legendre(order, point)
            step = value / slope
            point -= step
        slope = _legendre(order, point)[1]
        rule.append((point, 2 / ((1 - point * point) * slope * slope)))
    return tuple(rule)


def _legendre(order: int, x: float) -> tuple[float, float]:
    """The Legendre polynomial of an order at x, and its slope, by Bonnet's recurrence."""
    before, value = 0.0, 1.0
    for k in range(1, order + 1):
        before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
    return value, order * (x * value - before) / (x * x - 1)
