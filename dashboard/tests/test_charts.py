"""Geometry of the charts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import GROUP_WIDTH, grouped_chart, stripes

shares = st.floats(0, 1, allow_nan=False)


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
    ticks = grouped_chart([[largest]]).ticks
    assert [tick.label.replace("\u00a0", " ") for tick in ticks] == labels


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


def test_groups_fill_the_drawing_one_below_the_other() -> None:
    chart = grouped_chart([[1.0, 0.5], [0.2, None]])
    first, second = chart.groups
    assert (first.y, first.height) == (4, 56)
    assert (second.y, second.height) == (76, 56)
    assert [bar.y for bar in first.bars] == [26, 43]
    assert [bar.width for bar in first.bars] == [GROUP_WIDTH, GROUP_WIDTH / 2]
    assert second.bars[0].width == pytest.approx(GROUP_WIDTH / 5)
    assert second.bars[1].width is None
    assert (chart.axis_y, chart.height) == (140, 166)
