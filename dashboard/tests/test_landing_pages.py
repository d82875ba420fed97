"""Landing pages in the dashboard: listed, made, edited beside a preview, put at `/`, deleted."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.forms.content import SectionsWidget
from dashboard.tests.browser import messages_in, path_of, post_part
from dashboard.tests.history import page as history_page
from dashboard.tests.history import sentences_in
from experiments.content_sections import SECTIONS, written
from experiments.models import Page
from experiments.pages import create_page, home_page, update_page
from experiments.tests.audit import new_change
from experiments.tests.factories import ExperimentFactory, variants_of

pytestmark = pytest.mark.django_db

LIST = path_of("page-list")


@pytest.fixture
def spring() -> Page:
    return create_page(name="Spring", slug="spring", content={"cta_note": "In May"})


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def form_of(page: Page, **changes: str) -> dict[str, str]:
    texts = {f"content_{key}": text for key, text in page.content.items()}
    fixed = {"name": page.name, "slug": page.slug, "version": str(page.version)}
    return fixed | texts | changes


def sections_sent(**changes: str) -> dict[str, str]:
    """Return what the list of sections sends as it stands; `steps_shown=""` unticks one."""
    sent = {"content_sections_beneath": written(SECTIONS)}
    for place, name in enumerate(SECTIONS, start=1):
        for part, value in (("place", str(place)), ("was", str(place)), ("shown", "1")):
            given = changes.get(f"{name}_{part}", value)
            if given:
                sent[f"content_sections_{name}_{part}"] = given
    return sent


class TestList:
    def test_page_is_listed_with_its_address_and_what_runs_there(
        self, viewer: Client, spring: Page
    ) -> None:
        ExperimentFactory(name="Running there", page=spring)
        ExperimentFactory(name="Still a draft", page=spring, through=[])
        shown = text_of(viewer.get(LIST))
        assert 'href="/spring/"' in shown
        assert "Running there" in shown
        assert "1 text of its own" in shown
        assert "1 draft or completed experiment" in shown
        assert "The sample page’s texts" in shown

    def test_viewer_finds_nothing_to_press(self, viewer: Client, spring: Page) -> None:
        shown = text_of(viewer.get(LIST))
        for name in ("page-edit", "page-home", "page-delete"):
            assert path_of(name, spring.id) not in shown
        assert path_of("page-create") not in shown

    def test_delete_is_offered_only_where_it_would_succeed(
        self, editor: Client, spring: Page
    ) -> None:
        busy = create_page(name="Busy", slug="busy")
        ExperimentFactory(page=busy, through=[])
        shown = text_of(editor.get(LIST))
        assert path_of("page-delete", spring.id) in shown
        assert path_of("page-delete", busy.id) not in shown
        assert path_of("page-delete", home_page().id) not in shown
        assert path_of("page-home", home_page().id) not in shown

    def test_list_of_many_pages_needs_as_many_queries_as_of_few(
        self, viewer: Client, spring: Page
    ) -> None:
        ExperimentFactory(page=spring)
        viewer.get(LIST)
        with CaptureQueriesContext(connection) as few:
            viewer.get(LIST)
        for number in range(30):
            page = create_page(name=f"Page {number}", slug=f"page-{number}")
            ExperimentFactory(page=page, through=[])
        with CaptureQueriesContext(connection) as many:
            viewer.get(LIST)
        assert len(many) == len(few)


class TestCreate:
    path = path_of("page-create")

    def test_page_is_made_and_its_texts_are_next(self, editor: Client) -> None:
        response: Any = editor.post(self.path, {"name": "Spring offer!", "slug": ""})
        page = Page.objects.get(slug="spring-offer")
        assert response["Location"] == path_of("page-edit", page.id)
        assert page.content == {}

    def test_page_begins_with_the_texts_of_another(self, editor: Client, spring: Page) -> None:
        editor.post(self.path, {"name": "Summer", "source": str(spring.id)})
        assert Page.objects.get(slug="summer").content == {"cta_note": "In May"}

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            ({"name": "Again", "slug": "spring"}, "Another page has this address"),
            ({"name": "A", "slug": "dashboard"}, "“/dashboard/” is kept for another part"),
            ({"name": "A", "slug": "No Spaces"}, "Use lower-case letters"),
            ({"name": ""}, "This field is required"),
            ({"name": "???"}, "This field cannot be blank"),
        ],
    )
    def test_page_that_cannot_be_made_says_why_beside_the_field(
        self, editor: Client, spring: Page, data: dict[str, str], says: str
    ) -> None:
        response: Any = editor.post(self.path, data)
        assert response.status_code == 422
        assert says in text_of(response)
        assert Page.objects.count() == 2


class TestEdit:
    def test_texts_are_saved_and_blank_ones_are_the_sample_pages(
        self, editor: Client, spring: Page
    ) -> None:
        path = path_of("page-edit", spring.id)
        sent = form_of(spring, content_cta_note="", content_hero_headline="Now in bloom")
        response: Any = editor.post(path, sent)
        assert (response.status_code, response["Location"]) == (302, path)
        spring.refresh_from_db()
        assert spring.content == {"hero_headline": "Now in bloom"}

    def test_form_shows_counts_defaults_and_what_is_changed(
        self, editor: Client, spring: Page
    ) -> None:
        shown = text_of(editor.get(path_of("page-edit", spring.id)))
        assert 'placeholder="Leave work with tomorrow already planned"' in shown
        assert "<span>6</span> / 120" in shown
        assert "1 of 4 changed" in shown
        assert path_of("page-list") in shown
        assert f'src="/dashboard/preview/pages/{spring.id}/"' in shown

    def test_text_that_is_too_long_is_refused_and_kept(self, editor: Client, spring: Page) -> None:
        sent = form_of(spring, content_cta_label="x" * 41)
        response: Any = editor.post(path_of("page-edit", spring.id), sent)
        assert response.status_code == 422
        assert "x" * 41 in text_of(response)
        assert "at most 40 characters" in text_of(response)

    def test_page_that_somebody_else_saved_shows_both(self, editor: Client, spring: Page) -> None:
        sent = form_of(spring, content_cta_note="In June")
        update_page(page_id=spring.id, content={"cta_note": "In July"})
        path = path_of("page-edit", spring.id)
        response: Any = post_part(editor, path, sent)
        assert response.status_code == 409
        shown = text_of(response)
        assert "In July" in shown
        assert "In June" in shown
        # Saving again does so knowingly.
        again = sent | {"version": str(Page.objects.get(pk=spring.id).version)}
        assert editor.post(path, again).status_code == 302
        spring.refresh_from_db()
        assert spring.content == {"cta_note": "In June"}

    def test_sections_are_hidden_and_moved(self, editor: Client, spring: Page) -> None:
        path = path_of("page-edit", spring.id)
        moved = sections_sent(steps_shown="", social_proof_place="2", figures_place="3")
        editor.post(path, form_of(spring) | moved)
        spring.refresh_from_db()
        order = "hero, social_proof, features, figures, sign_up"
        assert spring.content["sections"] == order
        shown = text_of(editor.get(path))
        assert 'name="content_sections_steps_shown" value="1">' in shown
        # What is left as it lies beneath is no text of its own.
        editor.post(path, form_of(Page.objects.get(pk=spring.id)) | sections_sent())
        spring.refresh_from_db()
        assert "sections" not in spring.content

    @pytest.mark.parametrize(
        ("changes", "order"),
        [
            # Up comes before who stands there, down after.
            ({"features_place": "2"}, "hero, features, figures, steps, social_proof, sign_up"),
            ({"figures_place": "3"}, "hero, features, figures, steps, social_proof, sign_up"),
            ({"sign_up_place": "2"}, "hero, sign_up, figures, features, steps, social_proof"),
            # What can't be is put right.
            ({"hero_place": "6", "hero_shown": "", "sign_up_shown": ""}, ""),
            ({"steps_place": "x", "figures_place": "-1"}, ""),
        ],
    )
    def test_sections_sent_come_to_a_list(self, changes: dict[str, str], order: str) -> None:
        sent = sections_sent(**changes)
        assert SectionsWidget().value_from_datadict(sent, {}, "content_sections") == order

    def test_page_on_which_an_experiment_runs_says_so(self, editor: Client, spring: Page) -> None:
        path = path_of("page-edit", spring.id)
        assert "An experiment runs on this page." not in text_of(editor.get(path))
        ExperimentFactory(page=spring)
        assert "An experiment runs on this page." in text_of(editor.get(path))


class TestMoves:
    def test_page_is_put_at_root(self, editor: Client, spring: Page) -> None:
        response: Any = editor.post(path_of("page-home", spring.id))
        assert home_page() == spring
        assert messages_in(response) == ["“Spring” stands at “/”, from the next view on."]

    def test_page_is_deleted(self, editor: Client, spring: Page) -> None:
        editor.post(path_of("page-delete", spring.id))
        assert not Page.objects.filter(pk=spring.id).exists()

    def test_page_that_has_to_stay_says_why(self, editor: Client, spring: Page) -> None:
        ExperimentFactory(page=spring, through=[])
        response: Any = editor.post(path_of("page-delete", spring.id))
        assert "1 experiment is about “Spring”" in messages_in(response)[0]
        assert Page.objects.filter(pk=spring.id).exists()

    def test_history_tells_what_was_done_to_pages(self, editor: Client, spring: Page) -> None:
        odd = create_page(name="Odd", slug="odd")
        new_change()
        path = path_of("page-edit", spring.id)
        editor.post(path, form_of(spring, name="Summer", content_cta_note="In June"))
        new_change()
        editor.post(path_of("page-home", spring.id))
        new_change()
        editor.post(path_of("page-delete", odd.id))
        told = sentences_in(history_page(editor))
        assert "Page “Odd” removed" in told
        assert "“Summer”, stands at /: no\N{NO-BREAK SPACE}→ yes" in told
        assert "“Summer”, Line under the CTA: “In May”\N{NO-BREAK SPACE}→ “In June”" in told


class TestPreviewLink:
    def path(self, **query: str) -> str:
        experiment = ExperimentFactory(name="Hero test", through=[])
        variant = variants_of(experiment)[1]
        return path_of("variant-preview-link", experiment.id, variant.id)

    @pytest.mark.parametrize(("hours", "chosen"), [("1", 1), ("24", 24), ("168", 168), ("9", 24)])
    def test_link_opens_the_variant_for_as_long_as_chosen(
        self, viewer: Client, hours: str, chosen: int
    ) -> None:
        response: Any = viewer.get(self.path(), {"hours": hours})
        context = response.context
        assert response["Cache-Control"] == "no-store"
        assert f'id="hours-{chosen}" value="{chosen}" checked' in text_of(response)
        opened: Any = Client().get(context["link"].removeprefix("http://testserver"))
        assert opened.status_code == 200
        assert "“variant_1” of “Hero test”" in text_of(opened)

    def test_link_to_a_variant_of_another_experiment_is_not_made(self, viewer: Client) -> None:
        other = variants_of(ExperimentFactory(through=[]))[0]
        mine = ExperimentFactory(through=[])
        assert viewer.get(path_of("variant-preview-link", mine.id, other.id)).status_code == 404
