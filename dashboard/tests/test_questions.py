"""What an experiment is to find out: asked first, kept as a draft, and changed later."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from dashboard.hypothesis import Hypothesis, parts_of
from dashboard.tests.browser import messages_in, path_of, post_part
from experiments.lifecycle import Status
from experiments.models import Experiment, Page
from experiments.tests.factories import ExperimentFactory

pytestmark = pytest.mark.django_db
CREATE = "/dashboard/experiments/new/"
TYPED = {
    "description": "Does it matter when?\r\nAnd to whom?",
    "change": "say when work ends",
    "effect": "more visitors sign up",
    "reason": "they see what they get",
}
WHOLE = "If we say when work ends\nthen more visitors sign up\nbecause they see what they get"


def draft_in(page: str) -> str:
    match = re.search(r'name="draft" value="([0-9a-f-]+)"', page)
    assert match
    return match[1]


def test_first_step_makes_a_draft_and_leads_on(editor: Client) -> None:
    page = editor.get(CREATE).content.decode()
    data = TYPED | {"draft": draft_in(page), "save": "on"}
    response: Any = editor.post(CREATE, data)
    experiment = Experiment.objects.get()
    assert str(experiment.id) == draft_in(page)
    assert response["Location"] == path_of("experiment-setup-variants", experiment.id)
    assert (experiment.status, experiment.hypothesis) == (Status.DRAFT, WHOLE)
    assert experiment.description == "Does it matter when?\nAnd to whom?"
    assert experiment.page.is_home
    variants = experiment.variants.values_list("name", "weight", "content")
    assert list(variants) == [("Control", 50, {}), ("Variant A", 50, {})]


def test_draft_is_named_by_what_it_changes_unless_somebody_names_it(editor: Client) -> None:
    for typed in ({"change": "say when work ends."}, {"name": "Evenings"}, {}):
        editor.post(CREATE, typed | {"save": "on"})
    names = Experiment.objects.order_by("created_at").values_list("name", flat=True)
    assert list(names) == ["Say when work ends", "Evenings", "Experiment without a name"]


def test_name_is_suggested_while_one_types(editor: Client) -> None:
    data = {"change": "say when work ends", "suggest": "1"}
    part = post_part(editor, CREATE, data).content.decode()
    assert part.strip() == "Left blank, it is called “Say when work ends”."
    assert not Experiment.objects.exists()


def test_save_as_draft_leads_to_the_draft(editor: Client) -> None:
    response = post_part(editor, CREATE, TYPED | {"name": "Evenings", "save": "draft"})
    experiment = Experiment.objects.get()
    assert response["HX-Redirect"] == path_of("experiment-detail", experiment.id)
    assert "“Evenings” is saved." in messages_in(editor.get(response["HX-Redirect"]))


def test_form_that_is_sent_twice_makes_one_draft(editor: Client) -> None:
    data = TYPED | {"draft": draft_in(editor.get(CREATE).content.decode()), "save": "on"}
    editor.post(CREATE, data)
    editor.post(CREATE, data | {"name": "After going back"})
    assert Experiment.objects.get().name == "After going back"


@pytest.mark.parametrize("draft", ["", "not-an-id"])
def test_form_without_an_id_makes_a_draft_all_the_same(editor: Client, draft: str) -> None:
    assert editor.post(CREATE, TYPED | {"draft": draft, "save": "on"}).status_code == 302
    assert Experiment.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "x" * 201}, "at most 200 characters (it has 201)"),
        ({"change": "x" * 301}, "at most 300 characters (it has 301)"),
        ({"description": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_kept(
    editor: Client, change: dict[str, str], sentence: str
) -> None:
    response: Any = editor.post(CREATE, TYPED | {"effect": "Kept too"} | change | {"save": "on"})
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "Kept too" in page
    assert not Experiment.objects.exists()


def test_page_is_asked_for_where_there_are_several(editor: Client) -> None:
    assert 'name="page"' not in editor.get(CREATE).content.decode()
    offers = Page.objects.create(slug="offers", name="Offers")
    assert 'name="page"' in editor.get(CREATE).content.decode()
    editor.post(CREATE, TYPED | {"page": offers.pk, "save": "on"})
    experiment = Experiment.objects.get()
    assert experiment.page == offers
    wrong: Any = editor.post(CREATE, TYPED | {"page": experiment.pk, "save": "on"})
    assert wrong.status_code == 422
    assert "Choose one of the pages." in wrong.content.decode()


def test_question_of_a_draft_opens_with_its_parts_and_saves_them(editor: Client) -> None:
    editor.post(CREATE, TYPED | {"name": "Evenings", "save": "on"})
    experiment = Experiment.objects.get()
    path = path_of("experiment-question", experiment.id)
    page = editor.get(path).content.decode()
    for part in ("say when work ends", "more visitors sign up", "they see what they get"):
        assert f'value="{part}"' in page
    changed = TYPED | {"reason": "", "name": "", "version": experiment.version, "save": "on"}
    assert editor.post(path, changed).status_code == 302
    experiment.refresh_from_db()
    assert experiment.hypothesis == WHOLE.rsplit("\n", 1)[0]
    assert experiment.name == "Say when work ends"


def test_hypothesis_of_another_form_is_kept_as_one_text(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[], hypothesis="Shorter is better.")
    path = path_of("experiment-question", experiment.id)
    page = editor.get(path).content.decode()
    assert 'name="change"' not in page
    assert ">\nShorter is better.</textarea>" in page
    data = {"name": "N", "hypothesis": "Longer is.", "version": experiment.version, "save": "on"}
    editor.post(path, data)
    experiment.refresh_from_db()
    assert experiment.hypothesis == "Longer is."


@pytest.mark.parametrize("through", [["start"], ["start", "complete"]])
def test_hypothesis_and_page_are_settled_by_the_start(editor: Client, through: list[str]) -> None:
    experiment = ExperimentFactory.create(through=through, hypothesis=WHOLE)
    offers = Page.objects.create(slug="offers", name="Offers")
    path = path_of("experiment-question", experiment.id)
    page = editor.get(path).content.decode()
    assert "The hypothesis was settled when the experiment started." in page
    typed = {"name": "Renamed", "description": "Why?", "change": "x", "page": offers.pk}
    response: Any = editor.post(path, typed | {"version": experiment.version, "save": "on"})
    assert response["Location"] == path_of("experiment-plan", experiment.id)
    experiment.refresh_from_db()
    assert (experiment.name, experiment.description) == ("Renamed", "Why?")
    assert (experiment.hypothesis, experiment.page.is_home) == (WHOLE, True)


@pytest.mark.parametrize("version", ["", "abc"])
def test_question_without_the_version_that_was_read_is_refused(
    editor: Client, version: str
) -> None:
    experiment = ExperimentFactory.create(through=[])
    path = path_of("experiment-question", experiment.id)
    response: Any = editor.post(path, TYPED | {"version": version, "save": "on"})
    assert response.status_code == 422
    assert "This form is incomplete. Reload the page" in response.content.decode()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("parts", [("a", "b", "c"), ("a", "", ""), ("", "b", "c"), ("", "", "")])
def test_hypothesis_written_in_any_language_is_read_in_any(
    language: str, parts: tuple[str, str, str]
) -> None:
    with override(language):
        text = Hypothesis(*parts).text
    with override("en"):
        assert parts_of(text) == Hypothesis(*parts)


@pytest.mark.parametrize("text", ["Shorter is better.", "If we a\nbecause c\nthen b", "then b\nx"])
def test_text_that_has_no_such_parts_has_none(text: str) -> None:
    assert parts_of(text) is None


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("shorten   the headline,", "Shorten the headline"),
        ("word " * 30, " ".join(["Word"] + ["word"] * 11)),
        ("x" * 200, "X" + "x" * 59),
        (" . ", ""),
    ],
)
def test_suggested_name_is_what_changes_cut_where_a_word_ends(change: str, name: str) -> None:
    assert Hypothesis(change=change).suggested_name == name
