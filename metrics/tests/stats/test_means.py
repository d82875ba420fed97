import math
import statistics

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from scipy.stats import t as student
from scipy.stats import ttest_ind_from_stats

from metrics.stats.means import WelchTest, welch_test
from metrics.stats.types import Interval, Reason, Sample
from metrics.tests.stats.oracles import (
    SMALLEST_CHECKED,
    properties,
    relative_error,
    t_two_sided_p,
)

# Hours of sleep gained by ten patients under two drugs: Student, "The probable error of a mean",
# Biometrika 6 (1908) 1–25; the data set `sleep` of R.
FIRST_DRUG = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND_DRUG = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

samples = st.builds(
    Sample, st.integers(2, 10**7), st.floats(-1e4, 1e4), st.floats(0, 1e8).map(lambda v: v + 1e-3)
)


def sample_of(values: list[float]) -> Sample:
    return Sample(len(values), statistics.fmean(values), statistics.variance(values))


def test_welch_test_on_students_sleep_data_gives_the_published_figures() -> None:
    # R's documentation of t.test: t = −1.8608, df = 17.776, p = 0.07939, −3.3654832 to 0.2054832.
    result = welch_test(sample_of(SECOND_DRUG), sample_of(FIRST_DRUG))
    assert result.t == pytest.approx(-1.8608, abs=5e-5)
    assert result.df == pytest.approx(17.776, abs=5e-4)
    assert result.p_value == pytest.approx(0.07939, abs=5e-6)
    assert result.difference == pytest.approx(-1.58, abs=1e-12)
    assert result.interval is not None
    assert result.interval.lower == pytest.approx(-3.3654832, abs=5e-8)
    assert result.interval.upper == pytest.approx(0.2054832, abs=5e-8)


@properties
@given(samples, samples)
def test_welch_test_matches_fifty_digits(control: Sample, treatment: Sample) -> None:
    result = welch_test(control, treatment)
    parts = [mpf(arm.variance) / arm.n for arm in (control, treatment)]
    t = (mpf(treatment.mean) - mpf(control.mean)) / mpmath.sqrt(sum(parts))
    df = sum(parts) ** 2 / (parts[0] ** 2 / (control.n - 1) + parts[1] ** 2 / (treatment.n - 1))
    assert result.t is not None
    assert result.df is not None
    assert result.p_value is not None
    # The difference of the means is a float's, so equal means are compared by their distance.
    assert result.t == pytest.approx(float(t), rel=1e-9, abs=1e-9)
    assert relative_error(result.df, df) < 1e-12
    if df < 2000:
        p_value = t_two_sided_p(result.t, result.df)
        if p_value > SMALLEST_CHECKED:
            assert relative_error(result.p_value, p_value) < 1e-9


@properties
@given(samples, samples, st.floats(1e-4, 0.5))
def test_welch_test_matches_scipy(control: Sample, treatment: Sample, alpha: float) -> None:
    result = welch_test(control, treatment, alpha)
    oracle = ttest_ind_from_stats(
        treatment.mean,
        math.sqrt(treatment.variance),
        treatment.n,
        control.mean,
        math.sqrt(control.variance),
        control.n,
        equal_var=False,
    )
    assert result.t == pytest.approx(oracle.statistic, rel=1e-9)
    assert result.p_value == pytest.approx(oracle.pvalue, rel=1e-6, abs=1e-300)
    error = math.sqrt(control.variance / control.n + treatment.variance / treatment.n)
    reach = student.ppf(1 - alpha / 2, result.df) * error
    assert result.difference is not None
    assert result.interval is not None
    assert result.interval.lower == pytest.approx(result.difference - reach, rel=1e-8, abs=1e-8)
    assert result.interval.upper == pytest.approx(result.difference + reach, rel=1e-8, abs=1e-8)


@properties
@given(samples, samples)
def test_swapped_samples_negate_the_difference_and_keep_p(
    control: Sample, treatment: Sample
) -> None:
    result, swapped = welch_test(control, treatment), welch_test(treatment, control)
    assert result.difference is not None
    assert result.t is not None
    assert result.interval is not None
    assert (swapped.p_value, swapped.df) == (result.p_value, result.df)
    assert (swapped.difference, swapped.t) == (-result.difference, -result.t)
    assert swapped.interval == Interval(-result.interval.upper, -result.interval.lower)


@properties
@given(samples, samples, st.floats(1e-3, 0.5))
def test_interval_excludes_zero_exactly_where_p_is_below_alpha(
    control: Sample, treatment: Sample, alpha: float
) -> None:
    result = welch_test(control, treatment, alpha)
    assert result.interval is not None
    assert result.p_value is not None
    if not math.isclose(result.p_value, alpha, rel_tol=1e-9):
        assert (0 not in result.interval) == (result.p_value < alpha)


def test_welch_test_with_one_arm_that_does_not_vary_uses_the_other() -> None:
    result = welch_test(Sample(40, 1.0, 0.0), Sample(25, 1.5, 4.0))
    assert result.df == pytest.approx(24)
    assert result.t == pytest.approx(0.5 / math.sqrt(4 / 25))


@pytest.mark.parametrize("variance", [1e-300, 1e300])
def test_welch_test_of_variances_at_the_edge_of_floats_still_answers(variance: float) -> None:
    result = welch_test(Sample(10, 0.0, variance), Sample(12, math.sqrt(variance), variance))
    assert result.df == pytest.approx(welch_test(Sample(10, 0, 1.0), Sample(12, 1, 1.0)).df)


@pytest.mark.parametrize(
    ("control", "treatment", "expected"),
    [
        (Sample(0, 0.0, 0.0), Sample(5, 1.0, 2.0), (None, Reason.NO_VISITORS)),
        (Sample(5, 1.0, 2.0), Sample(0, 0.0, 0.0), (None, Reason.NO_VISITORS)),
        (Sample(1, 1.0, 0.0), Sample(5, 3.0, 2.0), (2.0, Reason.TOO_FEW_VALUES)),
        (Sample(5, 1.0, 2.0), Sample(1, 0.5, 0.0), (-0.5, Reason.TOO_FEW_VALUES)),
        (Sample(5, 1.0, 0.0), Sample(9, 4.0, 0.0), (3.0, Reason.NO_VARIANCE)),
    ],
)
def test_welch_test_where_it_does_not_exist_says_why(
    control: Sample, treatment: Sample, expected: tuple[float | None, Reason]
) -> None:
    difference, reason = expected
    assert welch_test(control, treatment) == WelchTest(None, None, None, difference, None, reason)


def test_welch_test_at_an_impossible_alpha_is_refused_with_it() -> None:
    with pytest.raises(ValueError, match="alpha must lie strictly between 0 and 1, not 0"):
        welch_test(Sample(5, 1, 1), Sample(5, 2, 1), alpha=0)
