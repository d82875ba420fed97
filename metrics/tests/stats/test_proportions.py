import math

import pytest
from hypothesis import given
from statsmodels.stats.proportion import proportion_confint

from metrics.stats.proportions import wilson_interval
from metrics.stats.types import Arm
from metrics.tests.stats.oracles import arms, properties


@pytest.mark.parametrize(
    ("arm", "lower", "upper"),
    [
        (Arm(263, 81), 0.2553, 0.3662),
        (Arm(148, 15), 0.0624, 0.1605),
        (Arm(20, 0), 0.0000, 0.1611),
        (Arm(29, 1), 0.0061, 0.1718),
    ],
)
def test_wilson_interval_gives_the_published_ends(arm: Arm, lower: float, upper: float) -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3.
    interval = wilson_interval(arm)
    assert interval is not None
    assert interval.lower == pytest.approx(lower, abs=5e-5)
    assert interval.upper == pytest.approx(upper, abs=5e-5)


@properties
@given(arms(min_visitors=1))
def test_wilson_interval_matches_statsmodels(arm: Arm) -> None:
    interval = wilson_interval(arm, alpha=0.01)
    lower, upper = proportion_confint(arm.conversions, arm.visitors, alpha=0.01, method="wilson")
    assert interval is not None
    assert interval.lower == pytest.approx(lower, abs=1e-8)
    assert interval.upper == pytest.approx(upper, abs=1e-8)


@properties
@given(arms(min_visitors=1))
def test_wilson_interval_holds_the_rate_inside_zero_to_one(arm: Arm) -> None:
    interval = wilson_interval(arm)
    assert interval is not None
    assert arm.rate is not None
    assert 0 <= interval.lower <= arm.rate <= interval.upper <= 1


@pytest.mark.parametrize("visitors", [1, 7, 10**9])
def test_wilson_interval_where_nobody_or_everybody_converted_starts_or_ends_exactly(
    visitors: int,
) -> None:
    nobody, everybody = wilson_interval(Arm(visitors, 0)), wilson_interval(Arm(visitors, visitors))
    assert nobody is not None
    assert everybody is not None
    assert nobody.lower == 0 < nobody.upper
    assert everybody.lower < everybody.upper == 1


def test_wilson_interval_without_visitors_is_none() -> None:
    assert wilson_interval(Arm(0, 0)) is None


@pytest.mark.parametrize("alpha", [0, 1, -0.1, math.nan])
def test_wilson_interval_at_an_impossible_alpha_is_refused_with_it(alpha: float) -> None:
    with pytest.raises(ValueError, match=f"alpha must lie strictly .* not {alpha!r}"):
        wilson_interval(Arm(10, 1), alpha)
