"""How numbers are written: golden values."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import translation

from dashboard import figures
from dashboard.templatetags.figures import svg_length, svg_percent
from metrics.stats.types import Interval


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (7, "7"), (999, "999"), (12345, "12,345"), (1_234_567_890, "1,234,567,890")],
)
def test_count_has_thousands_separators(number: int, text: str) -> None:
    assert figures.count(number) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.5, "50.0 %"),
        (0.12345, "12.3 %"),
        (0.045649, "4.56 %"),
        (0.00123456, "0.123 %"),
        (0.0000012, "< 0.001 %"),
        (0.9999, "> 99.9 %"),
        (0.9994, "99.9 %"),
        (0.1, "10.0 %"),
    ],
)
def test_percent_has_about_three_figures_and_no_false_end(share: float, text: str) -> None:
    assert plain(figures.percent(share)) == text


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        (Interval(0.112, 0.1341), "11.2–13.4 %"),
        (Interval(0.0, 0.0369), "0–3.69 %"),
        (Interval(0.9631, 1.0), "96.3–100 %"),
        (Interval(0.00001, 0.2), "< 0.1–20.0 %"),
    ],
)
def test_interval_writes_both_ends_with_one_precision(bounds: Interval, text: str) -> None:
    assert plain(figures.interval(bounds)) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "p < 1e-16"),
        (1e-300, "p < 1e-16"),
        (9.9e-17, "p < 1e-16"),
        (3.14e-7, "p = 3.1e-7"),
        (0.000134, "p = 0.00013"),
        (0.00449, "p = 0.0045"),
        (0.0123, "p = 0.012"),
        (0.3444, "p = 0.344"),
        (0.99951, "p > 0.999"),
        (1.0, "p = 1"),
    ],
)
def test_p_value_is_written_as_an_equation_and_never_as_zero(p: float, text: str) -> None:
    assert plain(figures.p_value(p)) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.04996, "p = 0.04996"), (0.0499999, "p = 0.0499999"), (0.0500001, "p = 0.050")],
)
def test_p_value_is_never_rounded_over_the_line_of_significance(p: float, text: str) -> None:
    assert plain(figures.p_value(p)) == text


def test_missing_figures_are_a_dash() -> None:
    assert [figures.count(None), figures.percent(None), figures.interval(None)] == ["–"] * 3
    assert plain(figures.p_value(None)) == "p –"


def test_numbers_and_units_never_part_at_a_line_end() -> None:
    assert " " not in figures.percent(0.1) + figures.interval(Interval(0.1, 0.2))
    assert " " not in figures.p_value(0.04)


def test_svg_lengths_use_a_point_and_no_needless_digits() -> None:
    assert [svg_percent(33.333333), svg_percent(50), svg_percent(0.0)] == ["33.333%", "50%", "0%"]
    assert [svg_length(26.5), svg_length(40.0)] == ["26.5", "40"]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.1234, "+12.3 %"),
        (-0.0456, "−4.56 %"),
        (0.0, "0 %"),
        (1e-7, "+1e-05 %"),
        (12.5, "+1,250.0 %"),
        (None, "–"),
    ],
)
def test_change_has_its_sign_and_is_0_only_where_it_is_exact(
    share: float | None, text: str
) -> None:
    assert plain(figures.signed_percent(share)) == text


def test_intervals_of_changes_have_one_precision() -> None:
    bounds = Interval(-0.0043, 0.195)
    assert plain(figures.lift_interval(bounds)) == "−0.4 % to +19.5 %"
    assert plain(figures.points_interval(Interval(0.00384, 0.0235))) == "+0.38 to +2.35 points"
    assert (figures.lift_interval(None), figures.points_interval(None)) == ("–", "–")


def test_confidence_is_told_as_it_is() -> None:
    assert [plain(figures.confidence(alpha)) for alpha in (0.05, 0.01 / 3, None)] == [
        *("95 %", "99.67 %", "–"),
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(1234.4, "1,234"), (12.345, "12.35"), (-0.042, "−0.042"), (None, "–")]
)
def test_amount_of_any_unit_has_about_four_figures(value: float | None, text: str) -> None:
    assert figures.amount(value) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (lambda: figures.count(1_234_567), "1.234.567"),
        (lambda: figures.percent(0.0123), "1,23 %"),
        (lambda: figures.percent(0.9999), "> 99,9 %"),
        (lambda: figures.interval(Interval(0.112, 0.1341)), "11,2–13,4 %"),
        (lambda: figures.p_value(0.0341), "p = 0,034"),
        (lambda: figures.p_value(3.1e-7), "p = 3,1e-7"),
        (lambda: figures.signed_percent(12.345), "+1.234,5 %"),
        (lambda: figures.signed_points(-0.0123), "−1,23 Punkte"),
        (lambda: figures.points_interval(Interval(0.00384, 0.0235)), "+0,38 bis +2,35 Punkte"),
        (lambda: figures.lift_interval(Interval(-0.041, 0.33)), "−4,1 % bis +33,0 %"),
        (lambda: figures.amount(1234.5), "1.234"),
        (lambda: figures.amount(-0.042), "−0,042"),
        (lambda: figures.confidence(0.0033), "99,67 %"),
    ],
)
def test_german_has_its_own_separators_and_words(written: Callable[[], str], text: str) -> None:
    with translation.override("de"):
        assert plain(written()) == text


def test_drawings_keep_their_notation_in_every_language() -> None:
    with translation.override("de"):
        assert (svg_percent(12.5), svg_length(0.5)) == ("12.5%", "0.5")
