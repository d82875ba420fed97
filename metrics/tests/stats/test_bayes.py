import math
import time
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from metrics.stats.bayes import compare
from metrics.stats.types import Arm
from metrics.tests.stats.oracles import arms, properties

priors = st.floats(0.3, 50)


def _closed_chance(a_1: int, b_1: int, a_2: int, b_2: int) -> Any:
    """P(Beta(a₂, b₂) > Beta(a₁, b₁)) for whole shapes, by Miller's sum."""
    return sum(
        mpmath.beta(a_1 + i, b_1 + b_2) / ((b_2 + i) * mpmath.beta(1 + i, b_2)) for i in range(a_2)
    ) / mpmath.beta(a_1, b_1)


def _closed_loss(a_1: int, b_1: int, a_2: int, b_2: int) -> Any:
    """The mean of max(first − second, 0): what the second arm loses where the first is better."""
    return mpf(a_1) / (a_1 + b_1) * _closed_chance(a_2, b_2, a_1 + 1, b_1) - mpf(a_2) / (
        a_2 + b_2
    ) * _closed_chance(a_2 + 1, b_2, a_1, b_1)


def test_chance_gives_the_published_probability_that_a_vaccine_works() -> None:
    # MacKay, Information Theory, Inference, and Learning Algorithms (2003), section 37.1: of 30
    # vaccinated 1 fell ill, of 10 others 3; "a 99 % chance that treatment A is superior".
    vaccinated, others = Arm(30, 1), Arm(10, 3)
    assert compare(vaccinated, others).chance_to_beat_control == pytest.approx(0.99, abs=5e-3)


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        (Arm(30, 1), Arm(10, 3)),
        (Arm(0, 0), Arm(0, 0)),
        (Arm(0, 0), Arm(7, 7)),
        (Arm(1000, 100), Arm(1000, 120)),
        (Arm(5_000_000, 0), Arm(4_000_000, 2)),
        (Arm(1_000_000, 40), Arm(12, 3)),
        (Arm(50, 50), Arm(90, 0)),
        (Arm(116_522, 1), Arm(2_548, 2)),
    ],
)
@pytest.mark.parametrize(("alpha", "beta"), [(1, 1), (3, 17)])
def test_compare_matches_the_closed_sums(
    control: Arm, treatment: Arm, alpha: int, beta: int
) -> None:
    result = compare(control, treatment, alpha, beta)
    shapes = [
        (alpha + arm.conversions, beta + arm.visitors - arm.conversions)
        for arm in (control, treatment)
    ]
    chance = _closed_chance(*shapes[0], *shapes[1])
    assert result.chance_to_beat_control == pytest.approx(float(chance), abs=1e-10)
    loss = _closed_loss(*shapes[0], *shapes[1])
    assert result.expected_loss_treatment == pytest.approx(float(loss), abs=1e-12)
    loss = _closed_loss(*shapes[1], *shapes[0])
    assert result.expected_loss_control == pytest.approx(float(loss), abs=1e-12)


@pytest.mark.parametrize(
    ("control", "treatment"), [(Arm(10, 0), Arm(6, 1)), (Arm(0, 0), Arm(3, 3))]
)
def test_compare_with_jeffreys_prior_matches_mpmaths_quadrature(
    control: Arm, treatment: Arm
) -> None:
    a_1, b_1 = mpf("0.5") + control.conversions, mpf("0.5") + control.visitors - control.conversions
    a_2 = mpf("0.5") + treatment.conversions
    b_2 = mpf("0.5") + treatment.visitors - treatment.conversions

    # The square of a sine takes away the poles of the density at 0 and at 1.
    def integrand(angle: Any) -> Any:
        x, y = mpmath.sin(angle) ** 2, mpmath.cos(angle) ** 2
        below = mpmath.betainc(a_1, b_1, 0, x, regularized=True)
        return 2 * x ** (a_2 - 0.5) * y ** (b_2 - 0.5) * below / mpmath.beta(a_2, b_2)

    with mpmath.workdps(15):
        chance = mpmath.quad(integrand, [0, mpmath.pi / 4, mpmath.pi / 2])
    result = compare(control, treatment, alpha=0.5, beta=0.5)
    assert result.chance_to_beat_control == pytest.approx(float(chance), abs=1e-10)


@properties
@given(arms(), arms(), priors, priors)
def test_chances_of_both_directions_sum_to_one_and_losses_swap(
    control: Arm, treatment: Arm, alpha: float, beta: float
) -> None:
    result = compare(control, treatment, alpha, beta)
    swapped = compare(treatment, control, alpha, beta)
    both = result.chance_to_beat_control + swapped.chance_to_beat_control
    assert both == pytest.approx(1, abs=1e-10)
    assert result.expected_loss_treatment == pytest.approx(swapped.expected_loss_control, rel=1e-9)


@properties
@given(arms(), arms(), priors, priors)
def test_losses_differ_by_the_difference_of_the_posterior_means(
    control: Arm, treatment: Arm, alpha: float, beta: float
) -> None:
    result = compare(control, treatment, alpha, beta)
    means = [
        (alpha + arm.conversions) / (alpha + beta + arm.visitors) for arm in (control, treatment)
    ]
    difference = result.expected_loss_control - result.expected_loss_treatment
    assert difference == pytest.approx(means[1] - means[0], abs=1e-10)
    assert result.expected_loss_control >= 0
    assert result.expected_loss_treatment >= 0
    assert 0 <= result.chance_to_beat_control <= 1


def test_compare_of_equal_arms_is_even() -> None:
    result = compare(Arm(1234, 56), Arm(1234, 56))
    assert result.chance_to_beat_control == pytest.approx(0.5, abs=1e-12)
    assert result.expected_loss_control == pytest.approx(result.expected_loss_treatment)


def test_compare_at_billions_of_visitors_is_normal_and_answers_at_once() -> None:
    started = time.process_time()
    result = compare(Arm(10**9, 10**8), Arm(10**9, 10**8 + 20_000))
    assert time.process_time() - started < 2
    z = 20_000 / math.sqrt(10**9 * (0.1 * 0.9 + 0.10002 * 0.89998))
    assert result.chance_to_beat_control == pytest.approx(
        math.erfc(-z / math.sqrt(2)) / 2, abs=1e-6
    )


@pytest.mark.parametrize("prior", [0, -1, 0.05, math.nan, math.inf])
def test_compare_with_an_impossible_prior_is_refused_with_it(prior: float) -> None:
    with pytest.raises(ValueError, match=rf"prior's alpha must be 0\.1 or more, not {prior!r}"):
        compare(Arm(5, 1), Arm(5, 2), alpha=prior)
    with pytest.raises(ValueError, match=rf"prior's beta must be 0\.1 or more, not {prior!r}"):
        compare(Arm(5, 1), Arm(5, 2), beta=prior)
