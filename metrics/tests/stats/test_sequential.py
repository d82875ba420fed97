import math
from random import Random

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from metrics.stats.proportions import compare
from metrics.stats.sequential import ConfidenceSequence, confidence_sequence
from metrics.stats.types import Arm, Reason
from metrics.tests.stats.oracles import (
    SMALLEST_CHECKED,
    arms,
    properties,
    relative_error,
)

usable = arms(min_visitors=2, min_conversions=1)
alphas = st.floats(1e-6, 0.5)
tunings = st.integers(100, 10**7)

# Heart attacks among physicians on placebo and on aspirin: Steering Committee of the Physicians'
# Health Study Research Group, New England Journal of Medicine 321 (1989) 129–135.
PLACEBO, ASPIRIN = Arm(11034, 189), Arm(11037, 104)


def test_sequence_of_the_lift_gives_the_published_figures_of_another_implementation() -> None:
    # The figures with which the gbstats package tests its own implementation.
    result = confidence_sequence(Arm(3000, 1396), Arm(3461, 2422), 0.05, 5000, relative=True)
    assert result.estimate == pytest.approx(0.50386, abs=5e-6)
    assert result.interval is not None
    assert result.interval.lower == pytest.approx(0.40098, abs=5e-6)
    assert result.interval.upper == pytest.approx(0.60675, abs=5e-6)


def test_sequence_on_the_aspirin_trial_excludes_zero_and_is_wider_than_the_fixed_interval() -> None:
    result, fixed = confidence_sequence(PLACEBO, ASPIRIN, 0.05, 22_071), compare(PLACEBO, ASPIRIN)
    assert result.interval is not None
    assert fixed.difference_interval is not None
    assert result.estimate == fixed.difference
    assert result.interval.lower < fixed.difference_interval.lower
    assert fixed.difference_interval.upper < result.interval.upper < 0


@properties
@given(usable, usable, alphas, tunings, st.booleans())
def test_sequence_matches_its_formulas_at_fifty_digits(
    control: Arm, treatment: Arm, alpha: float, tuning_n: int, relative: bool
) -> None:
    result = confidence_sequence(control, treatment, alpha, tuning_n, relative)
    p_a, p_b = (mpf(arm.conversions) / arm.visitors for arm in (control, treatment))
    v_a, v_b = p_a * (1 - p_a), p_b * (1 - p_b)
    n_a, n_b = control.visitors, treatment.visitors
    if relative:
        d, squared_s = (p_b - p_a) / p_a, v_b / (p_a**2 * n_b) + v_a * p_b**2 / (p_a**4 * n_a)
    else:
        d, squared_s = p_b - p_a, v_a / n_a + v_b / n_b
    if not squared_s:
        assert result.reason is Reason.NO_VARIANCE
        return
    log_alpha = mpmath.log(mpf(alpha))
    g = (n_a + n_b) * (-2 * log_alpha + mpmath.log(1 - 2 * log_alpha)) / tuning_n
    reach = mpmath.sqrt(squared_s * (1 + g) / g * (-2 * log_alpha + mpmath.log(1 + g)))
    assert result.interval is not None
    assert result.interval.lower == pytest.approx(float(d - reach), rel=1e-12, abs=1e-12)
    assert result.interval.upper == pytest.approx(float(d + reach), rel=1e-12, abs=1e-12)
    log_e = d**2 / squared_s * g / (2 * (1 + g)) - mpmath.log(1 + g) / 2
    assert result.log_e_value == pytest.approx(float(log_e), rel=1e-12, abs=1e-12)
    p_value = min(mpf(1), mpmath.exp(-log_e))
    assert result.p_value is not None
    if p_value > SMALLEST_CHECKED:
        assert relative_error(result.p_value, p_value) < 1e-9


@properties
@given(usable, usable, alphas, tunings, st.booleans())
def test_interval_excludes_zero_exactly_where_p_is_below_alpha(
    control: Arm, treatment: Arm, alpha: float, tuning_n: int, relative: bool
) -> None:
    result = confidence_sequence(control, treatment, alpha, tuning_n, relative)
    if result.interval is None or result.p_value is None:
        return
    # At a tie the last place decides, and either answer is right.
    if not math.isclose(result.p_value, alpha, rel_tol=1e-9):
        assert (0 not in result.interval) == (result.p_value < alpha)


@properties
@given(arms(), arms())
def test_swapped_arms_negate_the_sequence_and_keep_p(control: Arm, treatment: Arm) -> None:
    result, swapped = (
        confidence_sequence(control, treatment, 0.05, 5000),
        confidence_sequence(treatment, control, 0.05, 5000),
    )
    assert (swapped.p_value, swapped.log_e_value) == (result.p_value, result.log_e_value)
    if result.estimate is not None and result.interval and swapped.interval:
        assert swapped.estimate == -result.estimate
        assert swapped.interval.lower == -result.interval.upper


@properties
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=1, max_size=30))
def test_always_valid_p_never_rises_over_looks(days: list[tuple[int, int, int, int]]) -> None:
    control, treatment, p_value = Arm(0, 0), Arm(0, 0), 1.0
    for a, b, c, d in days:
        control = Arm(control.visitors + a + b, control.conversions + a)
        treatment = Arm(treatment.visitors + c + d, treatment.conversions + c)
        look = confidence_sequence(control, treatment, 0.05, 500, previous_p_value=p_value)
        if look.p_value is not None:
            assert look.p_value <= p_value
            p_value = look.p_value


def test_sequence_over_twenty_looks_misses_the_truth_less_often_than_alpha() -> None:
    random, misses, runs = Random(20_260_101), 0, 400
    for _ in range(runs):
        counts = [0, 0]
        for look in range(1, 21):
            counts = [c + sum(random.random() < 0.1 for _ in range(100)) for c in counts]
            control, treatment = (Arm(100 * look, c) for c in counts)
            interval = confidence_sequence(control, treatment, 0.05, 4000).interval
            if interval and 0 not in interval:
                misses += 1
                break
    assert misses / runs < 0.05


def test_sequence_is_narrowest_relative_to_the_fixed_interval_at_its_tuning_number() -> None:
    arm = Arm(5_000, 500)
    widths = []
    for tuning_n in (1_000, 10_000, 100_000):
        interval = confidence_sequence(arm, arm, 0.05, tuning_n).interval
        assert interval is not None
        widths.append(interval.upper - interval.lower)
    assert widths[1] == min(widths)


def test_sequence_without_visitors_has_nothing_but_the_reason() -> None:
    nothing = ConfidenceSequence(None, None, None, None, Reason.NO_VISITORS)
    assert confidence_sequence(Arm(0, 0), Arm(9, 4), 0.05, 5000) == nothing
    assert confidence_sequence(Arm(9, 4), Arm(0, 0), 0.05, 5000) == nothing


def test_sequence_of_a_lift_on_a_control_without_conversions_says_so() -> None:
    result = confidence_sequence(Arm(9, 0), Arm(9, 4), 0.05, 5000, relative=True)
    assert result.estimate is None
    assert result.reason is Reason.CONTROL_WITHOUT_CONVERSIONS


@pytest.mark.parametrize(
    ("control", "treatment", "estimate"),
    [(Arm(9, 0), Arm(7, 0), 0), (Arm(9, 9), Arm(7, 7), 0), (Arm(1, 0), Arm(1, 1), 1)],
)
def test_sequence_where_no_arm_varies_claims_nothing(
    control: Arm, treatment: Arm, estimate: float
) -> None:
    result = confidence_sequence(control, treatment, 0.05, 5000)
    assert result == ConfidenceSequence(estimate, None, None, None, Reason.NO_VARIANCE)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": 0}, "alpha must lie strictly between 0 and 1, not 0"),
        ({"alpha": 1.2}, r"alpha must lie strictly between 0 and 1, not 1\.2"),
        ({"tuning_n": 0}, "tuning number of visitors must be a number above 0, not 0"),
        ({"previous_p_value": -1}, "previous p-value must lie between 0 and 1, not -1"),
    ],
)
def test_sequence_with_impossible_settings_is_refused_with_them(
    settings: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        confidence_sequence(PLACEBO, ASPIRIN, **settings)  # type: ignore[arg-type]  # mypy can't match names with types here
