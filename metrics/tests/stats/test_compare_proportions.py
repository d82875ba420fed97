import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from metrics.stats.chi_squared import independence_test
from metrics.stats.proportions import ProportionComparison, compare
from metrics.stats.types import Arm, Interval, Reason
from metrics.tests.stats.oracles import (
    SMALLEST_CHECKED,
    arms,
    normal_sf,
    properties,
    relative_error,
)

# Heart attacks among physicians on aspirin and on placebo: Steering Committee of the Physicians'
# Health Study Research Group, New England Journal of Medicine 321 (1989) 129–135.
ASPIRIN, PLACEBO = Arm(11037, 104), Arm(11034, 189)

usable = arms(min_visitors=1)


@pytest.mark.parametrize(
    ("treatment", "control", "lower", "upper"),
    [
        (Arm(70, 56), Arm(80, 48), 0.0524, 0.3339),
        (Arm(10, 9), Arm(10, 3), 0.1705, 0.8090),
        (Arm(7, 6), Arm(7, 2), 0.0582, 0.8062),
        (Arm(56, 5), Arm(29, 0), -0.0381, 0.1926),
        (Arm(10, 0), Arm(20, 0), -0.1611, 0.2775),
        (Arm(10, 0), Arm(10, 0), -0.2775, 0.2775),
        (Arm(10, 10), Arm(20, 0), 0.6791, 1.0),
        (Arm(10, 10), Arm(10, 0), 0.6075, 1.0),
    ],
)
def test_difference_interval_gives_newcombes_published_ends(
    treatment: Arm, control: Arm, lower: float, upper: float
) -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 873–890, table II, method 10.
    interval = compare(control, treatment).difference_interval
    assert interval is not None
    assert interval.lower == pytest.approx(lower, abs=5.1e-5)
    assert interval.upper == pytest.approx(upper, abs=5.1e-5)


def test_compare_on_the_aspirin_trial_gives_the_published_relative_risk() -> None:
    # Agresti, An Introduction to Categorical Data Analysis (2nd edition, 2007), section 2.3: the
    # relative risk of placebo against aspirin is 1.82, its 95 % interval, rounded, 1.43 to 2.30.
    result = compare(ASPIRIN, PLACEBO)
    assert result.difference == pytest.approx(0.0077, abs=5e-5)
    assert result.lift == pytest.approx(0.82, abs=5e-3)
    assert result.lift_interval is not None
    assert result.lift_interval.lower == pytest.approx(0.43, abs=5e-3)
    assert result.lift_interval.upper == pytest.approx(1.30, abs=7e-3)
    assert result.z == pytest.approx(math.sqrt(25.01), abs=5e-4)
    assert result.reason is None


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        (ASPIRIN, PLACEBO),
        (Arm(1000, 100), Arm(1000, 120)),
        (Arm(50, 2), Arm(70, 1)),
        (Arm(10**9, 10**8), Arm(10**9, 10**8 + 54_321)),
        (Arm(30, 30), Arm(40, 3)),
    ],
)
def test_compare_matches_statsmodels(control: Arm, treatment: Arm) -> None:
    result = compare(control, treatment, alpha=0.1)
    counts = (treatment.conversions, treatment.visitors, control.conversions, control.visitors)
    lower, upper = confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=0.1)
    assert result.difference_interval is not None
    assert result.difference_interval.lower == pytest.approx(lower, abs=1e-8)
    assert result.difference_interval.upper == pytest.approx(upper, abs=1e-8)
    lower, upper = confint_proportions_2indep(*counts, method="log", compare="ratio", alpha=0.1)
    assert result.lift_interval is not None
    assert result.lift_interval.lower == pytest.approx(lower - 1, abs=1e-8)
    assert result.lift_interval.upper == pytest.approx(upper - 1, abs=1e-8)
    z, p_value = proportions_ztest(counts[::2], counts[1::2])
    assert result.z == pytest.approx(z, rel=1e-9)
    assert result.p_value == pytest.approx(p_value, rel=1e-9)


@properties
@given(usable, usable)
def test_z_and_p_match_fifty_digits(control: Arm, treatment: Arm) -> None:
    result = compare(control, treatment)
    assert result.z is not None
    assert result.p_value is not None
    visitors = control.visitors + treatment.visitors
    pooled = mpf(control.conversions + treatment.conversions) / visitors
    if pooled in (0, 1):
        assert (result.z, result.p_value) == (0, 1)
        return
    rates = [mpf(arm.conversions) / arm.visitors for arm in (control, treatment)]
    variance = pooled * (1 - pooled) * (mpf(1) / control.visitors + mpf(1) / treatment.visitors)
    z = (rates[1] - rates[0]) / mpmath.sqrt(variance)
    assert result.z == 0 if z == 0 else relative_error(result.z, z) < 1e-14
    p_value = 2 * normal_sf(abs(z))
    if p_value > SMALLEST_CHECKED:
        assert relative_error(result.p_value, p_value) < 1e-9


@properties
@given(usable, usable)
def test_z_squared_is_the_chi_squared_statistic_with_the_same_p(
    control: Arm, treatment: Arm
) -> None:
    result, test = compare(control, treatment), independence_test((control, treatment))
    assert result.z is not None
    assert test.statistic is not None
    assert result.z**2 == pytest.approx(test.statistic, rel=1e-14)
    assert result.p_value == test.p_value


@properties
@given(arms(), arms())
def test_swapped_arms_negate_the_difference_and_keep_p(control: Arm, treatment: Arm) -> None:
    result, swapped = compare(control, treatment), compare(treatment, control)
    assert swapped.p_value == result.p_value
    if result.difference is None:
        assert swapped.difference is None
        return
    assert result.z is not None
    assert result.difference_interval is not None
    assert swapped.difference == -result.difference
    assert swapped.z == -result.z
    assert swapped.difference_interval == Interval(
        -result.difference_interval.upper, -result.difference_interval.lower
    )
    if result.lift_interval and swapped.lift_interval:
        assert 1 + swapped.lift_interval.lower == pytest.approx(
            1 / (1 + result.lift_interval.upper), rel=1e-9
        )


@properties
@given(arms(), arms(), st.floats(1e-6, 0.999))
def test_compare_never_raises_and_its_intervals_hold_the_estimates(
    control: Arm, treatment: Arm, alpha: float
) -> None:
    result = compare(control, treatment, alpha)
    for estimate, interval in (
        (result.difference, result.difference_interval),
        (result.lift, result.lift_interval),
    ):
        if interval is not None:
            assert estimate is not None
            slack = 1e-15 * (1 + abs(estimate))
            assert interval.lower - slack <= estimate <= interval.upper + slack


def test_compare_without_visitors_has_nothing_but_the_reason() -> None:
    nothing = ProportionComparison(None, None, None, None, None, None, Reason.NO_VISITORS)
    assert compare(Arm(0, 0), Arm(5, 1)) == nothing
    assert compare(Arm(5, 1), Arm(0, 0)) == nothing


@pytest.mark.parametrize(
    ("control", "treatment", "lift", "reason"),
    [
        (Arm(50, 0), Arm(50, 20), None, Reason.CONTROL_WITHOUT_CONVERSIONS),
        (Arm(50, 20), Arm(50, 0), -1.0, Reason.TREATMENT_WITHOUT_CONVERSIONS),
        (Arm(50, 0), Arm(60, 0), None, Reason.NOBODY_CONVERTED),
        (Arm(50, 50), Arm(60, 60), 0.0, Reason.EVERYBODY_CONVERTED),
    ],
)
def test_compare_where_the_lift_has_no_interval_says_why(
    control: Arm, treatment: Arm, lift: float | None, reason: Reason
) -> None:
    result = compare(control, treatment)
    assert result.lift == lift
    assert result.lift_interval is None
    assert result.difference_interval is not None
    assert result.reason is reason


def test_compare_with_few_expected_says_so() -> None:
    assert compare(Arm(8, 1), Arm(8, 3)).reason is Reason.SMALL_EXPECTED_COUNT


def test_compare_at_an_impossible_alpha_is_refused_with_it() -> None:
    with pytest.raises(ValueError, match=r"alpha must lie strictly .* not 1\.5"):
        compare(ASPIRIN, PLACEBO, alpha=1.5)
