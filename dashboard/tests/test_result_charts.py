"""Geometry of intervals on an axis, and of lines and columns over days."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.column_chart import GUTTER, column_chart
from dashboard.interval_chart import interval_chart, rate_chart
from dashboard.time_chart import PLOT, TOP, time_chart

lifts = st.floats(-1, 20, allow_nan=False)
DAYS = [date(2026, 3, 1) + timedelta(days=n) for n in range(30)]


def text(label: str) -> str:
    return label.replace("\u00a0", " ")


def test_interval_chart_shows_control_and_treatments_on_one_scale_with_zero() -> None:
    chart = interval_chart([(0, 0, 0), (0.12, 0.04, 0.2), (-0.05, -0.1, 0.0)], mark=0.2)
    assert [text(t.label) for t in chart.ticks] == [
        *("−10 %", "−5 %", "0 %", "+5 %", "+10 %", "+15 %", "+20 %")
    ]
    assert [t.x for t in chart.ticks if t.is_zero] == [pytest.approx(chart.zero)]
    control, better, worse = chart.rows
    assert chart.zero is not None
    assert control.estimate == pytest.approx(chart.zero)
    assert better.lower is not None
    assert worse.lower is not None
    assert worse.width is not None
    assert better.lower > chart.zero
    assert worse.lower + worse.width == pytest.approx(chart.zero)
    assert chart.mark == pytest.approx(100)


def test_interval_chart_leaves_out_what_has_no_interval() -> None:
    chart = interval_chart([(0, 0, 0), None])
    assert (chart.rows[1].estimate, chart.rows[1].lower, chart.rows[1].width) == (None, None, None)
    assert len(chart.ticks) == 3


@given(st.lists(st.tuples(lifts, lifts, lifts).map(sorted), min_size=1, max_size=9))
def test_interval_chart_of_any_lifts_stays_inside_its_drawing(rows: list[list[float]]) -> None:
    chart = interval_chart([(row[1], row[0], row[2]) for row in rows])
    for row in chart.rows:
        assert row.lower is not None
        assert row.width is not None
        assert row.estimate is not None
        assert -1e-6 <= row.lower <= row.estimate + 1e-6
        assert row.lower + row.width <= 100 + 1e-6
        assert row.middle_y < chart.axis_y < chart.height
    assert chart.zero is not None
    assert 0 <= chart.zero <= 100
    assert 2 <= len(chart.ticks) <= 9


def test_time_chart_runs_from_the_first_day_to_the_last() -> None:
    chart = time_chart(DAYS[:3], [[0.1, 0.11, 0.12], [None, 0.1, 0.1]])
    assert chart.lines[0].split()[0].startswith("0.00,")
    assert chart.lines[0].split()[-1].startswith("100.00,")
    assert len(chart.lines[1].split()) == 2
    assert [text(day.label) for day in chart.days] == ["1 Mar", "2 Mar", "3 Mar"]
    assert [day.anchor for day in chart.days] == ["start", "middle", "end"]


def test_time_chart_keeps_its_days_apart() -> None:
    for length in range(2, 31):
        places = [day.x for day in time_chart(DAYS[:length], [[0.1] * length]).days]
        gaps = [right - left for left, right in pairwise(places)]
        assert min(gaps) >= 100 / 9 or length < 6
        assert places[-1] == 100


def test_time_chart_of_differences_shows_zero_and_the_band_there_and_back() -> None:
    bands = [[], [(-0.01, 0.03), (0.0, 0.02), None]]
    chart = time_chart(DAYS[:3], [[], [0.01, 0.01, 0.01]], bands, is_signed=True)
    assert sum(level.is_zero for level in chart.levels) == 1
    assert chart.bands[0] == ""
    assert len(chart.bands[1].split()) == 4
    assert any(text(level.label) == "+2 pts" for level in chart.levels)


def test_time_chart_makes_its_scale_without_the_first_swings() -> None:
    rates: list[float | None] = [0.9, *[0.1 + 0.001 * (n % 5) for n in range(9)]]
    levels = time_chart(DAYS[:10], [rates]).levels
    assert all(TOP - 1e-9 <= level.y <= TOP + PLOT + 1e-9 for level in levels)
    assert text(levels[-1].label).startswith("10.")


def test_rate_chart_ends_where_the_intervals_do_and_has_no_zero() -> None:
    chart = rate_chart([(0.10, 0.09, 0.11), (0.12, 0.108, 0.132), None])
    assert [text(tick.label) for tick in chart.ticks] == ["8 %", "10 %", "12 %", "14 %"]
    assert (chart.zero, chart.mark) == (None, None)
    first, second, none = chart.rows
    assert first.lower == pytest.approx(100 / 6)
    assert first.estimate == pytest.approx(200 / 6)
    assert first.width == pytest.approx(200 / 6)
    assert second.lower == pytest.approx(280 / 6)
    assert (none.estimate, none.lower, none.width) == (None, None, None)
    assert [(row.y, row.height) for row in chart.rows] == [(6, 54), (60, 54), (114, 54)]


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted), max_size=9))
def test_rate_chart_of_any_rates_stays_inside_its_drawing(rows: list[list[float]]) -> None:
    chart = rate_chart([(row[1], row[0], row[2]) for row in rows])
    for row in chart.rows:
        assert row.lower is not None
        assert row.width is not None
        assert -1e-6 <= row.lower <= row.lower + row.width <= 100 + 1e-6
    assert 2 <= len(chart.ticks) <= 7


def test_time_chart_is_read_at_each_day_from_edge_to_edge() -> None:
    chart = time_chart(DAYS[:3], [[0.10, 0.11, 0.12], [None, 0.10, 0.12]])
    assert [slot.x for slot in chart.slots] == [0, 50, 100]
    assert [(slot.left, slot.width) for slot in chart.slots] == [(0, 25), (25, 50), (75, 25)]
    bottom, middle, top = TOP + PLOT, TOP + PLOT / 2, TOP
    heights = [dot for slot in chart.slots for dot in slot.dots]
    assert heights[1] is None
    assert [h for h in heights if h is not None] == pytest.approx(
        [bottom, middle, bottom, top, top]
    )


def test_dot_that_leaves_the_picture_is_left_out() -> None:
    rates: list[float | None] = [0.9, *[0.1 + 0.001 * (n % 5) for n in range(9)]]
    slots = time_chart(DAYS[:10], [rates]).slots
    assert slots[0].dots == (None,)
    assert all(slot.dots[0] is not None for slot in slots[1:])


def test_columns_stand_on_each_other_from_the_bottom() -> None:
    chart = column_chart(DAYS[:2], [[10, 0], [30, 20]])
    assert [level.label for level in chart.levels] == ["0", "10", "20", "30", "40"]
    assert [level.y for level in chart.levels][:2] == [TOP + PLOT, TOP + PLOT * 3 / 4]
    first, second = chart.columns
    assert [(p.y, p.height) for p in first.pieces] == [
        (TOP + PLOT * 3 / 4, PLOT / 4),
        (TOP, PLOT * 3 / 4),
    ]
    assert [p.height for p in second.pieces] == [0, PLOT / 2]
    width = (100 - GUTTER) / 2
    assert first.width == second.width == pytest.approx(width * 0.8)
    assert [slot.left for slot in chart.slots] == [GUTTER, GUTTER + width]
    assert [text(day.label) for day in chart.days] == ["1 Mar", "2 Mar"]
    assert [(day.x, day.anchor) for day in chart.days] == [
        (GUTTER + width / 2, "middle"),
        (GUTTER + width * 1.5, "middle"),
    ]


@given(
    st.integers(1, 4).flatmap(
        lambda series: st.lists(
            st.lists(st.integers(0, 10**7), min_size=series, max_size=series),
            min_size=2,
            max_size=30,
        )
    )
)
def test_columns_of_any_counts_stay_inside_and_show_everybody(days: list[list[int]]) -> None:
    counts = [list(series) for series in zip(*days, strict=True)]
    chart = column_chart(DAYS[: len(days)], counts)
    assert 2 <= len(chart.levels) <= 5
    for column, numbers in zip(chart.columns, days, strict=True):
        assert column.x >= GUTTER
        assert column.x + column.width <= 100 + 1e-9
        for piece, number in zip(column.pieces, numbers, strict=True):
            assert (piece.height > 0) is (number > 0)
            assert piece.y + piece.height <= TOP + PLOT + 1e-6
            # A few who would be too thin to see are drawn a pixel each.
            assert piece.y >= TOP - len(numbers)
