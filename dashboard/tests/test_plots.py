"""Charts to take away: their numbers as CSV, their drawings as SVG."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from dashboard.plot_sheet import COLORS, DASHES
from dashboard.tests.browser import count_visitors, path_of
from experiments import services
from experiments.event_types import EventType
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from metrics.tests.verdicts import case, counted

pytestmark = pytest.mark.django_db

NAMES = ("rates", "lift", "trend", "difference", "visitors", "conversions", "funnel")
SVG = "{http://www.w3.org/2000/svg}"


def two_days(**kwargs: Any) -> Experiment:
    experiment = counted((1000, 100), (900, 99), **kwargs)
    count_visitors(experiment, (10, 1), (20, 3))
    return experiment


def table_of(client: Client, experiment: Experiment, name: str, query: str = "") -> list[list[str]]:
    response: Any = client.get(path_of("chart-csv", experiment.id, name) + query)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv"
    return list(csv.reader(io.StringIO(response.getvalue().decode())))


def drawing_of(client: Client, experiment: Experiment, name: str) -> ET.Element:
    response: Any = client.get(path_of("chart-svg", experiment.id, name))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    return ET.fromstring(response.content)


def test_numbers_are_raw_and_complete(viewer: Client) -> None:
    experiment = two_days()
    today = timezone.now().date().isoformat()
    visitors = table_of(viewer, experiment, "visitors")
    assert visitors[0] == ["day", "variant", "visitors"]
    assert [row[1:] for row in visitors[1:]] == [
        ["control", "1000"],
        ["variant_1", "900"],
        ["control", "10"],
        ["variant_1", "20"],
    ]
    trend = table_of(viewer, experiment, "trend")
    assert trend[-1][:5] == [today, "variant_1", "920", "102", repr(102 / 920)]
    difference = table_of(viewer, experiment, "difference")
    assert len(difference) == 3
    # Numbers stay numbers, below zero too.
    assert float(difference[1][3]) < 0 < float(difference[1][4])
    lift = table_of(viewer, experiment, "lift")
    assert lift[1] == ["control", "0.0", "0.0", "0.0"]
    assert float(lift[2][2]) < 0


def test_funnel_counts_the_visitors_who_went_so_far_exactly(viewer: Client) -> None:
    experiment = counted((0, 0), (0, 0))
    others = {EventType.SCROLL_DEPTH.value: 400, EventType.FORM_SUBMIT.value: 20}
    count_visitors(experiment, (500, 100), (600, 90), others=others)
    assert table_of(viewer, experiment, "funnel")[1:] == [
        ["page_view", "control", "500", "500", "1.0"],
        ["page_view", "variant_1", "600", "600", "1.0"],
        ["scroll_depth", "control", "500", "400", "0.8"],
        ["scroll_depth", "variant_1", "600", "400", repr(400 / 600)],
        ["cta_click", "control", "500", "100", "0.2"],
        ["cta_click", "variant_1", "600", "90", "0.15"],
        ["form_submit", "control", "500", "20", "0.04"],
        ["form_submit", "variant_1", "600", "20", repr(20 / 600)],
    ]


@pytest.mark.parametrize("name", NAMES)
def test_drawing_is_complete_without_the_page(viewer: Client, name: str) -> None:
    experiment = two_days(name="Hero & <Co>")
    root = drawing_of(viewer, experiment, name)
    assert root.tag == f"{SVG}svg"
    style = root.find(f"{SVG}style")
    assert style is not None
    assert style.text is not None
    assert "var(" not in style.text
    said = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert "Hero & <Co>, phase 1" in said
    assert "control" in said or name == "difference"
    assert "variant_1" in said
    # Everything that is referred to is there, and nothing that only a page needs.
    ids = {element.get("id") for element in root.iter()}
    used = {u for e in root.iter() for u in re.findall(r"url\(#([\w-]+)\)", e.get("fill") or "")}
    assert used <= ids
    assert not [e for e in root.iter() if e.get("class") == "slot"]
    heights = [float(e.get("height", "0")) for e in root.iter(f"{SVG}svg")]
    assert heights[0] > heights[1] > 0


def test_drawing_has_the_colors_and_dashes_of_the_page() -> None:
    css = (settings.BASE_DIR / "static/dashboard/dashboard.css").read_text()
    for number, (color, dashes) in enumerate(zip(COLORS, DASHES, strict=True)):
        assert re.search(rf"--series-{number}: light-dark\({color},", css)
        found = re.search(rf"\.chart \.stroke-{number}, [^{{]*{{ stroke-dasharray: ([^;]+);", css)
        assert (found[1] if found else "") == dashes


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("too_few_visitors", {"rates", "lift", "trend", "difference", "funnel"}),
        ("sample_ratio_mismatch", {"lift", "difference"}),
        ("before_planned_end", set()),
    ],
)
def test_what_the_page_withholds_cannot_be_downloaded(
    viewer: Client, name: str, missing: set[str]
) -> None:
    experiment = case(name)
    count_visitors(experiment, (0, 0), (0, 0))
    for kind in ("csv", "svg"):
        statuses = {
            each: viewer.get(path_of(f"chart-{kind}", experiment.id, each)).status_code
            for each in NAMES
        }
        assert {each for each, status in statuses.items() if status == 404} == missing


def test_chart_that_does_not_exist_is_not_found(viewer: Client) -> None:
    experiment = two_days()
    draft = ExperimentFactory.create(through=[])
    for path in (
        path_of("chart-svg", experiment.id, "pie"),
        path_of("chart-csv", experiment.id, "trend") + "?phase=7",
        path_of("chart-csv", draft.id, "trend"),
        path_of("chart-csv", ExperimentFactory.create().id, "rates"),
    ):
        assert viewer.get(path).status_code == 404


def test_chart_of_an_earlier_phase_is_that_phases(viewer: Client) -> None:
    experiment = counted((1000, 100), (900, 99))
    services.update_experiment(experiment_id=experiment.id, traffic_split=[20, 80])
    count_visitors(experiment, (200, 20), (800, 90), phase=2)
    assert table_of(viewer, experiment, "rates")[1][1] == "200"
    assert table_of(viewer, experiment, "rates", "?phase=1")[1][1] == "1000"


def test_name_that_a_spreadsheet_would_calculate_is_made_harmless(viewer: Client) -> None:
    experiment = two_days()
    experiment.variants.filter(position=1).update(name="=1+1")
    assert table_of(viewer, experiment, "rates")[2][0] == "'=1+1"
