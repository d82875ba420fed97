"""The list of experiments."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.tests.browser import HTMX, count_visitors, path_of
from experiments.tests.factories import ExperimentFactory
from metrics.tests.verdicts import case

pytestmark = pytest.mark.django_db


def page_for(client: Client, **headers: str) -> str:
    response: Any = client.get(path_of("experiment-list"), headers=headers)
    assert response.status_code == 200
    return str(response.content.decode())


def queries_for(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        page_for(client)
    return len(queries)


def test_list_needs_as_many_queries_for_thirty_experiments_as_for_one(editor: Client) -> None:
    count_visitors(ExperimentFactory.create(), (5, 1), (6, 2))
    page_for(editor)  # A session's first request writes to it.
    for_one = queries_for(editor)
    for number in range(29):
        count_visitors(ExperimentFactory.create(split=[20] * 5), *[(number, 0)] * 5)
    assert queries_for(editor) == for_one
    # Session, user, groups; pages, how many; experiments, variants, visitors; goals, phases,
    # counts; plans, looks.
    assert for_one == 13


@pytest.mark.parametrize(
    ("name", "words"),
    [("winner", "Winner"), ("early_loser", "Early loser"), ("too_few_days", "Collecting")],
)
def test_list_says_the_verdict_in_a_word(viewer: Client, name: str, words: str) -> None:
    case(name)
    assert f'<span class="visually-hidden">Verdict:</span> {words}</span>' in page_for(viewer)


def test_list_says_no_verdict_where_nobody_came(viewer: Client) -> None:
    ExperimentFactory.create()
    assert "Verdict:" not in page_for(viewer)


def test_list_shows_status_split_and_visitors_newest_first(editor: Client) -> None:
    count_visitors(ExperimentFactory.create(name="Older", split=[80, 20]), (1200, 1), (34, 2))
    ExperimentFactory.create(name="Newer", through=[])
    page = page_for(editor)
    assert page.index("Newer") < page.index("Older")
    assert '<span class="badge is-active">Active</span>' in page
    assert '<span class="badge is-draft">Draft</span>' in page
    assert "Traffic split: control 80 %, variant_1 20 %" in page
    assert "<strong>1,234</strong> visitors" in page


@pytest.mark.parametrize(
    ("through", "offered"),
    [
        ([], {"start"}),
        (["start"], {"pause", "complete"}),
        (["start", "pause"], {"resume", "complete"}),
        (["start", "complete"], {"reopen"}),
    ],
)
def test_list_offers_what_the_lifecycle_does(
    editor: Client, viewer: Client, through: list[str], offered: set[str]
) -> None:
    experiment = ExperimentFactory.create(through=through)
    paths = {
        name: path_of(f"experiment-{name}", experiment.id)
        for name in ("start", "pause", "resume", "complete", "reopen")
    }
    page = page_for(editor)
    # Starting leads to a last look at what starts.
    review = path_of("experiment-review", experiment.id)
    assert (f'href="{review}"' in page) is ("start" in offered)
    # Completing, to the one that asks for a decision.
    assert (f'href="{paths["complete"]}"' in page) is ("complete" in offered)
    posted = {name for name, path in paths.items() if f'action="{path}"' in page}
    assert posted == offered - {"start", "complete"}
    assert not any(path in page_for(viewer) for path in paths.values())


def test_empty_list_tells_editors_what_to_do_and_viewers_who_can(
    editor: Client, viewer: Client
) -> None:
    assert "Describe two versions of the landing page" in page_for(editor)
    assert "Once an editor has made one" in page_for(viewer)
    assert "New experiment" not in page_for(viewer)


def test_part_of_the_list_is_the_same_lines_without_the_frame(editor: Client) -> None:
    ExperimentFactory.create(name="Shown twice")
    part, page = (
        re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
        for text in (page_for(editor, **HTMX), page_for(editor))
    )
    assert "<html" not in part
    assert part.strip() in page


@pytest.mark.parametrize("header", [{"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}])
def test_whole_page_answers_boosted_links_and_restored_history(
    editor: Client, header: dict[str, str]
) -> None:
    assert "<html" in page_for(editor, **HTMX, **header)


def test_answers_vary_by_htmx_and_stay_private(editor: Client) -> None:
    response: Any = editor.get(path_of("experiment-list"))
    assert "HX-Request" in response["Vary"]
    assert response["Cache-Control"] == "private, no-cache"


def test_names_are_escaped(editor: Client) -> None:
    ExperimentFactory.create(name="<script>alert(1)</script>", description='"><img src=x>')
    page = page_for(editor)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
