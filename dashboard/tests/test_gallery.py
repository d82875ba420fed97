"""The page that shows every component."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from dashboard.bars import interval_bar, sparkline
from dashboard.gallery import about, components
from dashboard.tables import Column, Table
from experiments.tests.factories import make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Client:
    client = Client()
    client.force_login(make_viewer())
    return client


def test_gallery_shows_every_component_with_its_arguments(viewer: Client) -> None:
    page = viewer.get(reverse("dashboard:components")).content.decode()
    shown = re.findall(r'<section class="card stack specimen" id="([a-z_]+)"', page)
    assert sorted(shown) == components()


@pytest.mark.parametrize("name", components())
def test_component_documents_itself(name: str) -> None:
    assert "Arguments:" in about(name)


def test_gallery_is_not_found_in_production(viewer: Client, settings: Settings) -> None:
    settings.APP_ENV = "production"
    assert viewer.get(reverse("dashboard:components")).status_code == 404


def test_interval_bar_cuts_off_what_lies_beyond_its_line() -> None:
    bar = interval_bar(lower=-0.2, estimate=0.0, upper=0.1, first=-0.1, last=0.1)
    assert (bar.lower, bar.width, bar.estimate, bar.zero) == (0, 100, 50, 50)
    assert interval_bar(lower=0.1, estimate=0.2, upper=0.3, first=0.1, last=0.3).zero is None
    with pytest.raises(ValueError, match="from less to more"):
        interval_bar(lower=0, estimate=0, upper=0, first=1, last=1)


def test_sparkline_goes_from_zero_to_the_largest_value() -> None:
    assert sparkline([0, 10]).line == "0,94 100,6"
    assert sparkline([0, 10]).area == "0,100 0,94 100,6 100,100"
    assert sparkline([5]).line == "0,6 100,6"
    assert sparkline([]).line == ""


def test_table_refuses_a_row_that_does_not_fit_its_columns() -> None:
    columns: Any = [Column("A"), Column("B", is_number=True)]
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Table("Two", columns, [["only one"]])
