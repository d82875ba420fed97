import math

import pytest

from metrics.stats.quadrature import gauss_legendre


@pytest.mark.parametrize("order", [1, 2, 5, 12, 31])
def test_rule_is_exact_for_the_powers_it_promises(order: int) -> None:
    rule = gauss_legendre(order)
    for power in range(2 * order):
        exact = 2 / (power + 1) if power % 2 == 0 else 0
        assert math.fsum(w * x**power for x, w in rule) == pytest.approx(exact, abs=1e-14)


def test_rule_of_five_is_the_published_table() -> None:
    # Abramowitz & Stegun, table 25.4.
    points = sorted(gauss_legendre(5))
    assert [x for x, _ in points[2:]] == pytest.approx(
        [0.0, 0.538469310105683, 0.906179845938664], abs=1e-15
    )
    assert [w for _, w in points[2:]] == pytest.approx(
        [0.568888888888889, 0.478628670499366, 0.236926885056189], abs=1e-15
    )


def test_rule_of_no_order_is_refused() -> None:
    with pytest.raises(ValueError, match="order must be 1 or more, not 0"):
        gauss_legendre(0)
