"""The results page: its figures, its states, and the part that refreshes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.tests.browser import HTMX, count_visitors, path_of
from experiments.models import Experiment
from experiments.tests.factories import CONTENT, ExperimentFactory

pytestmark = pytest.mark.django_db


def page_of(client: Client, experiment: Experiment, **headers: str) -> str:
    response: Any = client.get(path_of("experiment-detail", experiment.id), headers=headers)
    return str(response.content.decode()).replace("\u00a0", " ")


def cells_of(page: str) -> list[list[str]]:
    """Return the text of each body row of the page's first table."""
    body = page.split("<tbody", 1)[1].split("</tbody>", 1)[0]
    rows = body.split("<tr")[1:]
    return [
        [
            re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def test_table_shows_each_variants_figures_with_their_n(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    count_visitors(experiment, (12000, 1200), (11000, 1320))
    assert cells_of(page_of(viewer, experiment)) == [
        ["control", "12,000", "12,000", "1,200", "10.0 % of 12,000", "9.5–10.5 %"],
        ["variant_1", "11,000", "11,000", "1,320", "12.0 % of 11,000", "11.4–12.6 %"],
    ]


def test_badge_has_its_p_value_and_the_label_that_limits_it(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    count_visitors(experiment, (12000, 1200), (11000, 1320))
    page = page_of(viewer, experiment)
    assert '<span class="badge is-significant">Significant</span>' in page
    assert "p = 1.2e-6" in page
    assert "Valid for one look at the planned end." in page
    assert "trending" not in page.lower()


def test_enormous_difference_is_never_p_zero(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    count_visitors(experiment, (1_000_000, 100_000), (1_000_000, 200_000))
    assert "p < 1e-16".replace("<", "&lt;") in page_of(viewer, experiment)


def test_below_the_floor_it_says_collecting_and_no_p_value(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    count_visitors(experiment, (99, 5), (1000, 400))
    page = page_of(viewer, experiment)
    assert '<span class="badge is-collecting">Collecting</span>' in page
    assert "control has 99 so far." in page
    assert "p =" not in page


@pytest.mark.parametrize(
    ("through", "title"),
    [
        ([], "Not started yet"),
        (["start"], "Waiting for the first visitor"),
        (["start", "pause"], "Waiting for the first visitor"),
        (["start", "complete"], "Nobody came"),
    ],
)
def test_experiment_without_visitors_says_what_to_do(
    viewer: Client, through: list[str], title: str
) -> None:
    page = page_of(viewer, ExperimentFactory.create(through=through))
    assert title in page
    assert "<table" not in page


def test_charts_have_titles_descriptions_and_a_table_of_the_same_numbers(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    count_visitors(experiment, (1000, 100), (900, 99))
    page = page_of(viewer, experiment)
    assert page.count('<svg class="chart"') == 2
    for chart in ("rates", "types"):
        assert f'aria-labelledby="{chart}-chart-title {chart}-chart-desc"' in page
        assert f'<title id="{chart}-chart-title">' in page
        assert f'<desc id="{chart}-chart-desc">' in page
    assert "control: 10.0 % of 1,000 visitors, 95 % interval 8.3–12.0 %" in page
    assert "Events and visitors by type, as a table" in page


def test_variant_without_visitors_stands_in_the_table_without_a_rate(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    count_visitors(experiment, (150, 20))
    page = page_of(viewer, experiment)
    assert cells_of(page)[1] == ["variant_1", "0", "0", "0", "–", "–"]
    assert "no visitors yet" in page


@pytest.mark.parametrize(
    ("through", "polls"),
    [([], False), (["start"], True), (["start", "pause"], True), (["start", "complete"], False)],
)
def test_page_refreshes_itself_while_there_is_something_to_count(
    viewer: Client, through: list[str], polls: bool
) -> None:
    page = page_of(viewer, ExperimentFactory.create(through=through))
    assert ('hx-trigger="every 30s, refresh"' in page) is polls


def test_part_is_the_results_alone_and_ends_the_polling_with_the_counting(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    count_visitors(experiment, (1000, 100), (900, 99))
    path = path_of("experiment-detail", experiment.id)
    part: Any = viewer.get(path, headers=HTMX)
    assert part.status_code == 200
    assert "<h1" not in part.content.decode()
    assert "1,900" in part.content.decode()
    done: Any = viewer.get(
        path_of("experiment-detail", ExperimentFactory.create(through=["start", "complete"]).id),
        headers=HTMX,
    )
    assert done.status_code == 286


def test_viewers_are_offered_no_change(viewer: Client, editor: Client) -> None:
    experiment = ExperimentFactory.create()
    edit = path_of("experiment-edit", experiment.id)
    assert edit in page_of(editor, experiment)
    page = page_of(viewer, experiment)
    assert edit not in page
    assert page.count('method="post"') == 1  # signing out


def test_content_of_each_variant_is_shown_by_its_labels(viewer: Client) -> None:
    page = page_of(viewer, ExperimentFactory.create(content=CONTENT))
    assert "<dt>Hero headline</dt><dd>A treatment&#x27;s headline</dd>" in page
    assert "The page as it is: every text keeps its default." in page


def test_page_needs_the_same_few_queries_however_many_variants(
    viewer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    experiment = ExperimentFactory.create(split=[10] * 10)
    count_visitors(experiment, *[(500, 50)] * 10)
    # Session, user, groups; experiment, variants, counts.
    with django_assert_num_queries(6):
        page_of(viewer, experiment)
