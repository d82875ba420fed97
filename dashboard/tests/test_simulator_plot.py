"""Paths of p as geometry."""

from __future__ import annotations

import pytest

from dashboard.simulator_plot import PLOT, TOP, path_plot

CALM = (0.9, 0.5, 0.3, 0.2, 0.06, 0.05, 0.4)
CROSSED = (1.0, 0.3, 0.2, 0.049999, 0.2, 0.001, 0.4)


def test_path_is_marked_where_it_first_falls_below_the_limit() -> None:
    plot = path_plot((CROSSED, CALM))
    # Those that deceive are drawn over the others.
    calm, crossed = plot.paths
    assert calm.day is None
    assert (crossed.day, crossed.x) == (4, 50)
    limit = TOP + plot.limit / 100 * PLOT
    assert crossed.y == pytest.approx(limit, abs=0.01)
    assert plot.crossed == 1
    assert plot.limit + plot.below == 100


def test_p_stands_between_the_edges_from_1_at_the_top() -> None:
    points = path_plot(((1.0, 0.25, 0.0),)).paths[0].points
    assert points == "0.00,0.00 50.00,50.00 100.00,100.00"


def test_table_has_every_day_and_marks_what_is_below() -> None:
    rows = path_plot((CROSSED, CALM)).rows
    assert [row.day for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    # Rounding carries nothing over the line.
    assert rows[3].cells == (("0.049999", True), ("0.20", False))
    assert rows[5].cells == (("0.001", True), ("0.050", False))
    assert path_plot(((1e-12, 1.0),)).rows[0].cells == (("< 1e-8", True),)


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (7, ["Day 1", "Day 7"]),
        (28, ["Day 1", "7", "14", "21", "Day 28"]),
        (20, ["Day 1", "7", "14", "Day 20"]),
        (365, ["Day 1", "77", "154", "231", "308", "Day 365"]),
    ],
)
def test_axis_names_the_first_day_the_last_and_ends_of_weeks(days: int, labels: list[str]) -> None:
    ticks = path_plot(((0.5,) * days,)).days
    assert [tick.label.replace("\u00a0", " ") for tick in ticks] == labels
