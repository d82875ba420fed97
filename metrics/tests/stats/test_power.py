import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from metrics.stats.normal import cdf, quantile
from metrics.stats.power import days_needed, minimum_detectable_effect, sample_size
from metrics.stats.types import Reason
from metrics.tests.stats.oracles import properties

rates = st.floats(0.001, 0.999)
alphas = st.floats(1e-4, 0.2)
powers = st.floats(0.3, 0.999)


@pytest.mark.parametrize(
    ("baseline", "treatment_rate", "power", "published"),
    [(0.50, 0.75, 0.9, 76.7), (0.20, 0.25, 0.8, 1093.739)],
)
def test_sample_size_gives_the_published_figures(
    baseline: float, treatment_rate: float, power: float, published: float
) -> None:
    # The first row is the example in R's documentation of power.prop.test (package stats).
    digits = len(str(published).split(".")[1])
    assert round(sample_size(baseline, treatment_rate, power=power).exact or 0, digits) == published


def test_sample_size_is_rounded_up_to_whole_visitors() -> None:
    assert sample_size(0.20, 0.25).per_arm == 1094
    assert sample_size(0.0, 1.0).per_arm == 2


@pytest.mark.parametrize(
    ("baseline", "treatment_rate", "alpha", "power"),
    [
        (0.1, 0.12, 0.05, 0.8),
        (0.03, 0.0301, 0.01, 0.95),
        (0.6, 0.4, 0.1, 0.5),
        (0, 0.02, 0.05, 0.9),
    ],
)
def test_sample_size_matches_statsmodels(
    baseline: float, treatment_rate: float, alpha: float, power: float
) -> None:
    oracle = samplesize_proportions_2indep_onetail(
        treatment_rate - baseline, baseline, power, alpha=alpha, alternative="two-sided"
    )
    assert sample_size(baseline, treatment_rate, alpha, power).exact == pytest.approx(
        oracle, rel=1e-9
    )


@properties
@given(rates, rates, alphas, powers)
def test_sample_of_that_size_has_that_power(
    baseline: float, treatment_rate: float, alpha: float, power: float
) -> None:
    assume(abs(baseline - treatment_rate) > 1e-6)
    n = sample_size(baseline, treatment_rate, alpha, power).exact
    assert n is not None
    pooled = (baseline + treatment_rate) / 2
    unequal = baseline * (1 - baseline) + treatment_rate * (1 - treatment_rate)
    reached = math.sqrt(n) * abs(treatment_rate - baseline)
    needed = -quantile(alpha / 2) * math.sqrt(2 * pooled * (1 - pooled))
    assert cdf((reached - needed) / math.sqrt(unequal)) == pytest.approx(power, rel=1e-9)


@properties
@given(rates, rates, alphas, powers)
def test_sample_size_is_the_same_in_both_directions_and_for_failures(
    baseline: float, treatment_rate: float, alpha: float, power: float
) -> None:
    assume(abs(baseline - treatment_rate) > 1e-6)
    n = sample_size(baseline, treatment_rate, alpha, power).exact
    assert sample_size(treatment_rate, baseline, alpha, power).exact == pytest.approx(n, rel=1e-9)
    failures = sample_size(1 - baseline, 1 - treatment_rate, alpha, power).exact
    assert failures == pytest.approx(n, rel=1e-7)


def test_sample_size_for_no_difference_does_not_exist() -> None:
    result = sample_size(0.2, 0.2)
    assert (result.exact, result.per_arm, result.reason) == (None, None, Reason.NO_EFFECT)


@properties
@given(st.floats(0.001, 0.9), st.integers(50, 10**9), alphas, powers)
def test_minimum_detectable_effect_undoes_the_sample_size(
    baseline: float, per_arm: int, alpha: float, power: float
) -> None:
    effect = minimum_detectable_effect(baseline, per_arm, alpha, power)
    if effect.treatment_rate is None:
        assert effect.reason is Reason.OUT_OF_REACH
        hopeless = sample_size(baseline, 1.0, alpha, power).exact
        assert hopeless is not None
        assert hopeless > per_arm
        return
    assert effect.difference is not None
    assert effect.lift == pytest.approx(effect.difference / baseline)
    assert effect.treatment_rate == pytest.approx(baseline + effect.difference)
    n = sample_size(baseline, effect.treatment_rate, alpha, power).exact
    assert n == pytest.approx(per_arm, rel=1e-9 + 1e-15 / effect.difference)


def test_minimum_detectable_effect_at_the_ends() -> None:
    assert minimum_detectable_effect(0.2, 1).reason is Reason.OUT_OF_REACH
    assert minimum_detectable_effect(1, 10**6).reason is Reason.OUT_OF_REACH
    from_zero = minimum_detectable_effect(0, 1000)
    assert from_zero.lift is None
    assert from_zero.reason is None
    assert from_zero.difference == from_zero.treatment_rate


@pytest.mark.parametrize(
    ("per_arm", "per_day", "weights", "allocation", "exact", "weeks"),
    [
        (1094, 300, (50, 50), 1.0, 1094 * 2 / 300, 2),
        (105, 100, (1, 1), 0.3, 7.0, 1),
        (106, 100, (1, 1), 0.3, 212 / 30, 2),
        (900, 1000, (90, 10), 1.0, 9.0, 2),
        (900, 1000, (34, 33, 33), 0.5, 900 * 100 / 33 / 500, 1),
        (700, 100, (50, 50, 0), 1.0, 14.0, 2),
        (1, 0.25, (1,), 1.0, 4.0, 1),
    ],
)
def test_days_needed_fill_the_smallest_arm_and_whole_weeks(
    per_arm: int,
    per_day: float,
    weights: tuple[int, ...],
    allocation: float,
    exact: float,
    weeks: int,
) -> None:
    result = days_needed(per_arm, per_day, weights, allocation)
    assert result.exact == pytest.approx(exact, rel=1e-14)
    assert (result.weeks, result.days) == (weeks, 7 * weeks)


@pytest.mark.parametrize(("per_day", "allocation"), [(0, 1.0), (500, 0.0)])
def test_days_needed_without_traffic_do_not_exist(per_day: float, allocation: float) -> None:
    result = days_needed(100, per_day, allocation=allocation)
    assert (result.exact, result.days, result.weeks) == (None, None, None)
    assert result.reason is Reason.NO_TRAFFIC


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-0.1, 0.2), r"baseline rate must lie between 0 and 1, not -0\.1"),
        ((0.1, 1.2), r"treatment's rate must lie between 0 and 1, not 1\.2"),
        ((0.1, 0.2, 0), "alpha must lie strictly between 0 and 1, not 0"),
        ((0.1, 0.2, 0.05, 1), "power must lie strictly between 0 and 1, not 1"),
        ((0.1, 0.2, 0.5, 0.4), r"power must be above alpha, and 0\.4 is not above 0\.5"),
    ],
)
def test_sample_size_of_an_impossible_plan_is_refused_with_the_numbers(
    arguments: tuple[float, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        sample_size(*arguments)


def test_minimum_detectable_effect_of_an_impossible_plan_is_refused_with_the_numbers() -> None:
    with pytest.raises(ValueError, match="visitors per arm must be a number above 0, not 0"):
        minimum_detectable_effect(0.1, 0)
    with pytest.raises(ValueError, match="baseline rate must lie between 0 and 1, not 7"):
        minimum_detectable_effect(7, 100)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 100), "visitors per arm must be a number above 0, not 0"),
        ((10, -1), "visitors per day must be a number of 0 or more, not -1"),
        ((10, 100, (50, -50)), "A weight must be a number of 0 or more, not -50"),
        ((10, 100, (0, 0)), "At least one weight must be above 0, and all 2 are 0"),
        ((10, 100, (1, 1), 1.5), r"allocation must lie between 0 and 1, not 1\.5"),
    ],
)
def test_days_needed_of_an_impossible_plan_are_refused_with_the_numbers(
    arguments: tuple[float, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        days_needed(*arguments)  # type: ignore[arg-type]  # rows of different shapes
