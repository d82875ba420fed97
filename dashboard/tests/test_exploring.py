"""What doesn't decide: results by segment."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from dashboard import breakdowns
from dashboard.breakdowns import breakdown_table
from dashboard.tests.browser import path_of
from experiments.tests.factories import ExperimentFactory
from metrics.segments import Breakdown, Dimension, Segment, TooMuch
from metrics.stats.multiple import holm
from metrics.stats.proportions import compare
from metrics.stats.types import Arm
from metrics.tests.verdicts import case, judged

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


def segments(monkeypatch: pytest.MonkeyPatch, *named: tuple[str, list[Arm]]) -> None:
    """Let a breakdown have these segments."""

    def read(experiment_id: Any, **_asked: Any) -> Breakdown:
        variants = [v.variant.id for v in JUDGED[0].results.variants]
        made = tuple(
            Segment(name, False, not name, dict(zip(variants, arms, strict=True)))
            for name, arms in named
        )
        visitors = sum(segment.visitors for segment in made)
        return Breakdown(Dimension.DEVICE, made, visitors, visitors, (), JUDGED[0].phase.started_at)

    monkeypatch.setattr(breakdowns, "breakdown_for", read)


JUDGED: list[Any] = []


def test_breakdown_corrects_for_every_comparison_that_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    JUDGED[:] = [judged(case("before_planned_end"))]
    phone, desktop = [Arm(900, 90), Arm(900, 130)], [Arm(1000, 110), Arm(1000, 80)]
    few = [Arm(99, 9), Arm(101, 9)]
    segments(monkeypatch, ("phone", phone), ("tablet", few), ("desktop", desktop))
    table = breakdown_table(JUDGED[0], Dimension.DEVICE)
    assert table.looks == 2
    cells = [row.cells[1] for row in table.rows]
    expected = holm([compare(arms[0], arms[1]).p_value or 1.0 for arms in (phone, desktop)])
    assert [cell.p_value for cell in cells] == pytest.approx([expected[0], None, expected[1]])
    assert cells[1].comparison is None
    assert cells[0].comparison == compare(phone[0], phone[1], 0.025)


def test_breakdown_withholds_differences_where_the_split_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    JUDGED[:] = [judged(case("sample_ratio_mismatch"))]
    segments(monkeypatch, ("phone", [Arm(900, 90), Arm(900, 130)]))
    table = breakdown_table(JUDGED[0], Dimension.DEVICE)
    assert table.looks == 0
    assert table.rows[0].cells[1].comparison is None


def test_breakdown_page_is_exploratory_and_has_no_verdict(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = case("before_planned_end")
    JUDGED[:] = [judged(experiment)]
    segments(monkeypatch, ("phone", [Arm(900, 90), Arm(900, 130)]), ("", [Arm(50, 1), Arm(9, 1)]))
    path = path_of("experiment-breakdown", experiment.id)
    page = viewer.get(f"{path}?by=source&phase=1").content.decode().replace("\u00a0", " ")
    for text in ("By source", "Exploratory", "phone", "Unknown", "1 comparison with", "p = 0.00"):
        assert text in page
    assert viewer.get(f"{path}?phase=9").status_code == 404
    assert "By device" in viewer.get(f"{path}?by=nonsense").content.decode()


def test_breakdown_of_days_is_read_from_what_was_counted(viewer: Client) -> None:
    path = path_of("experiment-breakdown", ExperimentFactory.create().id)
    assert "Nobody came yet" in viewer.get(f"{path}?by=day").content.decode()


def test_breakdown_that_takes_too_long_says_so(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_asked: Any) -> Breakdown:
        raise TooMuch

    monkeypatch.setattr(breakdowns, "breakdown_for", refuse)
    experiment = case("before_planned_end")
    page = viewer.get(path_of("experiment-breakdown", experiment.id)).content.decode()
    assert "took longer than 8 seconds" in page
