"""The list of experiments."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.tests.browser import HTMX, count_visitors, path_of
from experiments import copies, services
from experiments.decisions import decide_experiment
from experiments.lifecycle import Decision, Transition
from experiments.models import Experiment, Page
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
    # Session, user, groups; pages, how many; experiments, variants; goals, phases, counts; plans,
    # looks.
    assert for_one == 12


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


def found(client: Client, **query: str | int) -> list[str]:
    """Return the names that the list shows, in its order."""
    response: Any = client.get(path_of("experiment-list"), query)
    assert response.status_code == 200
    return [card.experiment.name for card in response.context["cards"]]


def test_search_finds_names_questions_and_hypotheses_by_all_words(viewer: Client) -> None:
    make = ExperimentFactory.create
    make(name="Shorter headline", through=[])
    make(name="Evenings", hypothesis="If we shorten the headline", through=[])
    make(name="Mornings", description="What of HEADLINES?", through=[])
    make(name="Louder button", through=[])
    assert found(viewer, q="headline") == ["Mornings", "Evenings", "Shorter headline"]
    assert found(viewer, q=" short   HEADLINE ") == ["Evenings", "Shorter headline"]
    assert found(viewer, q="%") == []
    page = viewer.get(path_of("experiment-list"), {"q": "nothing"}).content.decode()
    assert "No experiment is like that" in page
    assert 'value="nothing"' in page


@pytest.mark.parametrize(
    ("status", "names"),
    [
        ("", ["completed", "paused", "active", "draft"]),
        ("draft", ["draft"]),
        ("active", ["active"]),
        ("paused", ["paused"]),
        ("completed", ["completed"]),
        ("archived", ["archived completed", "archived draft"]),
        ("nonsense", ["completed", "paused", "active", "draft"]),
    ],
)
def test_status_filters_and_archived_ones_are_a_status_of_their_own(
    viewer: Client, status: str, names: list[str]
) -> None:
    ways = {
        "draft": [],
        "active": ["start"],
        "paused": ["start", "pause"],
        "completed": ["start", "complete"],
    }
    for name, through in ways.items():
        ExperimentFactory.create(name=name, through=through)
    for name in ("draft", "completed"):
        away = ExperimentFactory.create(name=f"archived {name}", through=ways[name])
        copies.archive_experiment(experiment_id=away.id)
    assert found(viewer, status=status) == names


def test_page_filters_where_there_are_several(viewer: Client) -> None:
    ExperimentFactory.create(name="At home")
    assert 'name="page"' not in page_for(viewer)
    offers = Page.objects.create(slug="offers", name="Offers")
    ExperimentFactory.create(name="There", page=offers)
    assert found(viewer, page="offers") == ["There"]
    assert found(viewer, page="home") == ["At home"]
    assert found(viewer, page="gone") == ["There", "At home"]
    assert "<span>Offers</span>" in page_for(viewer)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["c", "a", "b"]),
        ("newest", ["c", "a", "b"]),
        ("name", ["a", "b", "c"]),
        ("started", ["b", "c", "a"]),
        ("changed", ["a", "b", "c"]),
        ("nonsense", ["c", "a", "b"]),
    ],
)
def test_list_is_sorted_as_one_likes(viewer: Client, sort: str, names: list[str]) -> None:
    b, a, c = (ExperimentFactory.create(name=name, through=[]) for name in "bac")
    for started in (c, b):
        services.transition_experiment(experiment_id=started.id, transition=Transition.START)
    for changed in (c, b, a):
        services.update_experiment(experiment_id=changed.id, description="x")
    assert found(viewer, sort=sort) == names


def test_list_comes_in_pages_whose_links_keep_what_is_wanted(viewer: Client) -> None:
    for number in range(45):
        ExperimentFactory.create(name=f"Test {number:02}", through=[])
    ExperimentFactory.create(name="Another", through=[])
    query = {"q": "test", "sort": "name"}
    assert found(viewer, **query) == [f"Test {number:02}" for number in range(20)]
    assert found(viewer, **query, at=3) == [f"Test {number:02}" for number in range(40, 45)]
    for too_far in ("99", "0", "x", "-1", "99999"):
        assert len(found(viewer, **query, at=too_far)) in (5, 20)
    page = viewer.get(path_of("experiment-list"), query | {"at": 2}).content.decode()
    assert "Page 2 of 3" in page
    assert 'href="/dashboard/experiments/?q=test&amp;sort=name&amp;at=3"' in page
    assert 'href="/dashboard/experiments/?q=test&amp;sort=name"' in page


def test_thousand_experiments_take_as_many_queries_as_twenty(editor: Client) -> None:
    for _number in range(20):
        ExperimentFactory.create()
    page_for(editor)
    for_twenty = queries_for(editor)
    home = Experiment.objects.values_list("page", flat=True)[0]
    Experiment.objects.bulk_create(
        Experiment(page_id=home, name=f"Draft {number}", description="x" * 300)
        for number in range(1000)
    )
    assert queries_for(editor) <= for_twenty
    assert len(found(editor, status="active", q="experiment")) == 20


def test_address_of_a_search_is_given_to_the_browsers_history(viewer: Client) -> None:
    ExperimentFactory.create(name="Evenings")
    query = {"q": "eve", "status": "", "sort": "newest"}
    response: Any = viewer.get(path_of("experiment-list"), query, headers=HTMX)
    assert response["HX-Push-Url"] == "/dashboard/experiments/?q=eve"
    assert "<html" not in response.content.decode()
    whole: Any = viewer.get(path_of("experiment-list"), query)
    assert "HX-Push-Url" not in whole.headers


def test_list_of_nothing_but_archived_ones_still_leads_to_them(viewer: Client) -> None:
    copies.archive_experiment(experiment_id=ExperimentFactory.create(through=[]).id)
    page = page_for(viewer)
    assert "No experiments yet" in page
    assert '<option value="archived">' in page


def test_list_says_what_was_decided(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    decide_experiment(experiment_id=experiment.id, decision=Decision.KEEP)
    assert '<span class="visually-hidden">Decision:</span> Control kept</span>' in page_for(viewer)
