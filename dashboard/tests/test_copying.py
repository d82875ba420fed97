"""Duplicating, archiving and renaming from the dashboard, and the head of all pages of one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.tests.browser import HTMX, messages_in, path_of, post_part
from experiments import copies, services
from experiments.models import Experiment, Page
from experiments.tests.factories import ExperimentFactory

pytestmark = pytest.mark.django_db
TABS = ("experiment-detail", "experiment-content", "experiment-plan", "experiment-history")


def text_of(response: Any) -> str:
    """Return the page with its lines joined: where a template breaks them means nothing."""
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("name", TABS)
@pytest.mark.parametrize("through", [[], ["start"], ["start", "complete"]])
def test_each_tab_shows_name_status_and_the_way_to_the_others(
    viewer: Client, name: str, through: list[str]
) -> None:
    experiment = ExperimentFactory.create(name="Evenings", through=through)
    page = text_of(viewer.get(path_of(name, experiment.id)))
    assert page.count("<h1") == 1
    assert 'tabindex="-1">Evenings <span class="badge' in page
    tabs = page[page.index('class="tabs"') :].split("</nav>", 1)[0]
    for tab in TABS:
        current = ' aria-current="page"' if tab == name else ""
        assert f'href="{path_of(tab, experiment.id)}"{current}>' in tabs


@pytest.mark.parametrize(
    "name", ["goal-list", "experiment-breakdown", "experiment-simulate", "experiment-edit"]
)
def test_further_pages_of_an_experiment_have_the_same_head(editor: Client, name: str) -> None:
    experiment = ExperimentFactory.create()
    page = text_of(editor.get(path_of(name, experiment.id)))
    assert page.count("<h1") == 1
    assert 'class="tabs"' in page


def test_page_is_named_where_there_are_several(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    path = path_of("experiment-detail", experiment.id)
    assert "On the page" not in text_of(viewer.get(path))
    Page.objects.create(slug="offers", name="Offers")
    assert "On the page “Home”" in text_of(viewer.get(path))


def test_duplicate_leads_to_the_copys_first_step(editor: Client) -> None:
    experiment = ExperimentFactory.create(name="Evenings")
    response: Any = editor.post(path_of("experiment-duplicate", experiment.id))
    copy = Experiment.objects.exclude(pk=experiment.pk).get()
    assert response["Location"] == path_of("experiment-question", copy.id)
    assert messages_in(response)[0].startswith("“Copy of Evenings” is a draft")


def test_archived_experiment_leaves_the_list_and_comes_back(editor: Client) -> None:
    experiment = ExperimentFactory.create(name="Evenings", through=["start", "complete"])
    response: Any = editor.post(path_of("experiment-archive", experiment.id))
    assert response["Location"] == path_of("experiment-list")
    assert messages_in(response) == ["“Evenings” is archived."]
    page = text_of(editor.get(path_of("experiment-detail", experiment.id)))
    assert path_of("experiment-restore", experiment.id) in page
    assert path_of("experiment-archive", experiment.id) not in page
    back: Any = editor.post(path_of("experiment-restore", experiment.id))
    assert back["Location"] == path_of("experiment-detail", experiment.id)
    experiment.refresh_from_db()
    assert experiment.archived_at is None


def test_running_experiment_is_neither_offered_for_the_archive_nor_put_there(
    editor: Client,
) -> None:
    experiment = ExperimentFactory.create(name="Evenings")
    archive = path_of("experiment-archive", experiment.id)
    assert archive not in text_of(editor.get(path_of("experiment-detail", experiment.id)))
    response: Any = editor.post(archive)
    assert messages_in(response)[0].startswith("“Evenings” is running. Complete it first")
    experiment.refresh_from_db()
    assert experiment.archived_at is None


def test_viewers_are_offered_none_of_it(viewer: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    page = text_of(viewer.get(path_of("experiment-detail", experiment.id)))
    for name in ("rename", "duplicate", "archive", "edit", "question", "review"):
        assert path_of(f"experiment-{name}", experiment.id) not in page


def rename(client: Client, experiment: Experiment, **changes: Any) -> Any:
    data = {"name": "New", "version": experiment.version, "was": experiment.name, "tab": "plan"}
    return post_part(client, path_of("experiment-rename", experiment.id), data | changes)


def test_rename_in_place_answers_with_the_head_of_the_same_tab(editor: Client) -> None:
    experiment = ExperimentFactory.create(name="Old")
    response = rename(editor, experiment)
    page = text_of(response)
    assert (response.status_code, response["HX-Retarget"]) == (200, "#experiment-head")
    assert "data-focus>New <span" in page
    assert f'href="{path_of("experiment-plan", experiment.id)}" aria-current="page"' in page
    experiment.refresh_from_db()
    assert experiment.name == "New"


def test_rename_without_a_script_has_a_page_and_leads_back(editor: Client) -> None:
    experiment = ExperimentFactory.create(name="Old")
    path = path_of("experiment-rename", experiment.id)
    page = text_of(editor.get(path))
    assert "<html" in page
    assert 'name="name" value="Old"' in page
    data = {"name": "New", "version": experiment.version, "was": "Old"}
    assert editor.post(path, data)["Location"] == path_of("experiment-detail", experiment.id)


def test_rename_is_protected_by_a_token_with_a_script_and_without(editor: Client) -> None:
    path = path_of("experiment-rename", ExperimentFactory.create().id)
    for headers in ({}, HTMX):
        assert 'name="csrfmiddlewaretoken"' in text_of(editor.get(path, headers=headers))


def test_rename_asks_in_the_place_of_the_heading_and_is_given_up_there(editor: Client) -> None:
    experiment = ExperimentFactory.create(name="Old")
    path = path_of("experiment-rename", experiment.id)
    asked = text_of(editor.get(path, {"tab": "plan"}, headers=HTMX))
    assert asked.startswith('<div class="experiment-title"')
    assert 'value="Old"' in asked
    given_up = text_of(editor.get(path, {"cancel": "plan"}, headers=HTMX))
    assert "Old <span" in given_up
    assert "<form" not in given_up


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_rename_to_what_is_no_name_is_refused_and_kept(editor: Client, name: str) -> None:
    experiment = ExperimentFactory.create(name="Old")
    response = rename(editor, experiment, name=name)
    assert response.status_code == 422
    assert "field-error" in text_of(response)
    experiment.refresh_from_db()
    assert experiment.name == "Old"


def test_rename_that_somebody_was_faster_with_shows_both_names(editor: Client) -> None:
    experiment = ExperimentFactory.create(name="Old")
    services.update_experiment(experiment_id=experiment.id, name="Theirs")
    response = rename(editor, experiment, name="Mine")
    page = text_of(response)
    assert response.status_code == 409
    assert "it is “Theirs” now. Nothing of yours was saved yet." in page
    assert 'name="name" value="Mine"' in page
    experiment.refresh_from_db()
    assert experiment.name == "Theirs"
    assert rename(editor, experiment, name="Mine", was="Old").status_code == 200
    experiment.refresh_from_db()
    assert experiment.name == "Mine"


def test_rename_is_no_conflict_with_a_change_of_something_else(editor: Client) -> None:
    experiment = ExperimentFactory.create(name="Old")
    services.update_experiment(experiment_id=experiment.id, traffic_split=[20, 80])
    assert rename(editor, experiment).status_code == 200
    experiment.refresh_from_db()
    assert experiment.name == "New"


def test_archived_experiment_says_so(viewer: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    copies.archive_experiment(experiment_id=experiment.id)
    assert ">Archived<" in text_of(viewer.get(path_of("experiment-detail", experiment.id)))
