"""Geometry of the charts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import GROUP_WIDTH, grouped_chart, rate_chart, stripes

shares = st.floats(0, 1, allow_nan=False)


def test_rate_chart_draws_bars_and_whiskers_on_one_scale() -> None:
    chart = rate_chart([(0.10, 0.09, 0.11), (0.12, 0.11, 0.13)])
    assert [tick.label.replace("\u00a0", " ") for tick in chart.ticks] == [
        "0 %",
        "5 %",
        "10 %",
        "15 %",
    ]
    assert [tick.anchor for tick in chart.ticks] == ["start", "middle", "middle", "end"]
    first, second = chart.bars
    assert first.width == pytest.approx(10 / 15 * 100)
    assert second.width == pytest.approx(12 / 15 * 100)
    assert second.whisker == pytest.approx((11 / 15 * 100, 13 / 15 * 100))
    assert second.bar_y - first.bar_y == second.label_y - first.label_y > first.bar_height


def test_rate_chart_leaves_out_the_bar_of_a_variant_without_visitors() -> None:
    chart = rate_chart([(0.2, 0.1, 0.3), None])
    assert chart.bars[1].width is None
    assert chart.bars[1].whisker is None
    assert chart.height > chart.bars[1].bar_y + chart.bars[1].bar_height


def test_rate_chart_of_nothing_still_has_an_axis() -> None:
    chart = rate_chart([None, None])
    assert len(chart.ticks) >= 2


def test_tiny_share_stays_visible_and_zero_has_no_bar() -> None:
    (group,) = grouped_chart([[0.00001, 0.0, 0.9]]).groups
    assert group.bars[0].width == pytest.approx(0.4)
    assert group.bars[1].width == 0


@pytest.mark.parametrize(
    ("largest", "labels"),
    [
        (0.011, ["0 %", "0.5 %", "1.0 %", "1.5 %"]),
        (0.08, ["0 %", "2 %", "4 %", "6 %", "8 %"]),
        (0.1, ["0 %", "2.5 %", "5.0 %", "7.5 %", "10.0 %"]),
        (0.81, ["0 %", "25 %", "50 %", "75 %", "100 %"]),
        (1.0, ["0 %", "25 %", "50 %", "75 %", "100 %"]),
    ],
)
def test_axis_ends_on_a_round_number_with_few_ticks(largest: float, labels: list[str]) -> None:
    ticks = rate_chart([(largest, largest, largest)]).ticks
    assert [tick.label.replace("\u00a0", " ") for tick in ticks] == labels


@given(st.lists(st.tuples(shares, shares, shares).map(sorted), min_size=1, max_size=10))
def test_rate_chart_of_any_rates_stays_inside_its_drawing(rows: list[list[float]]) -> None:
    chart = rate_chart([(row[1], row[0], row[2]) for row in rows])
    for bar in chart.bars:
        assert bar.whisker is not None
        assert bar.width is not None
        assert 0 <= bar.whisker[0] <= bar.whisker[1] <= 100 + 1e-9
        assert 0 <= bar.width <= 100 + 1e-9
        assert bar.bar_y + bar.bar_height < chart.axis_y < chart.height
    assert 2 <= len(chart.ticks) <= 5


@given(st.lists(st.lists(st.none() | shares, min_size=2, max_size=10), min_size=1, max_size=5))
def test_grouped_chart_of_any_shares_leaves_room_for_the_values(
    groups: list[list[float | None]],
) -> None:
    chart = grouped_chart(groups)
    bars = [bar for group in chart.groups for bar in group.bars]
    assert len(bars) == sum(len(group) for group in groups)
    assert all(bar.width is None or bar.width <= GROUP_WIDTH + 1e-9 for bar in bars)
    tops = [bar.y for bar in bars]
    assert tops == sorted(set(tops))


@given(st.lists(st.integers(0, 100), min_size=1, max_size=10))
def test_stripes_of_any_split_stay_inside_and_follow_each_other(weights: list[int]) -> None:
    parts = stripes(weights)
    assert len(parts) == len(weights)
    for left, right in pairwise(parts):
        assert left.x + left.width == pytest.approx(right.x)
    assert parts[-1].x + parts[-1].width <= 100 + 1e-9
