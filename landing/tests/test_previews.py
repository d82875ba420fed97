"""Previews: what they show, to whom, and that nothing of them counts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import Client

from experiments.models import Assignment, Page, Variant
from experiments.pages import home_page
from experiments.previews import preview_token
from experiments.tests.factories import (
    ExperimentFactory,
    UserFactory,
    make_editor,
    make_viewer,
    variants_of,
)
from landing.tests.visits import TREATMENT, headline_of, text_of
from metrics.models import Lead, PageCount
from metrics.page_counter import page_counter

pytestmark = pytest.mark.django_db

CONTENT = "/dashboard/preview/content/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_gathered() -> Iterator[None]:
    page_counter._pages.clear()
    yield
    page_counter._pages.clear()


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_viewer())
    return client


def draft(**content: str) -> Variant:
    content = content or {"hero_headline": TREATMENT}
    experiment = ExperimentFactory(name="Hero test", content=content, through=[])
    return variants_of(experiment)[1]


def link_to(variant: Variant, lasts: timedelta = DAY) -> str:
    return f"/preview/{preview_token(variant_id=variant.id, lasts=lasts)[0]}"


def posted(client: Client, **fields: str) -> HttpResponse:
    return cast(HttpResponse, client.post(CONTENT, fields))


def counted() -> dict[str, int]:
    page_counter.write()
    return dict(PageCount.objects.values_list("reason", "pages"))


class TestFrames:
    """Previews beside the dashboard's forms."""

    def test_content_is_shown_on_the_real_page(self, staff: Client) -> None:
        response: Any = staff.post(CONTENT, {"content": json.dumps({"hero_headline": "Try <me>"})})
        assert response.status_code == 200
        assert headline_of(response) == "Try <me>"
        assert 'id="sign-up"' in text_of(response)

    def test_content_in_the_fields_of_a_form_is_read_by_its_prefix(self, staff: Client) -> None:
        fields = {
            "prefix": "variants-1-",
            "variants-0-content_hero_headline": "Not this",
            "variants-1-content_hero_headline": " This ",
            "variants-1-content_hero_text": "",
        }
        assert headline_of(posted(staff, **fields)) == "This"

    def test_content_that_no_page_could_show_is_left_out(self, staff: Client) -> None:
        for given in ("{", "[]", '{"hero_headline": 7, "sections": "none", "what": "is this"}'):
            assert staff.post(CONTENT, {"content": given}).status_code == 200

    def test_variants_content_lies_above_the_pages_and_the_pages_replaces_it(
        self, staff: Client
    ) -> None:
        Page.objects.update(content={"cta_note": "The page’s own note"})
        above = text_of(staff.post(CONTENT, {"content": "{}"}))
        instead = text_of(staff.post(CONTENT, {"content": "{}", "layer": "page"}))
        assert "The page’s own note" in above
        assert "The page’s own note" not in instead

    def test_preview_of_a_named_page_shows_that_page(self, staff: Client) -> None:
        other = Page.objects.create(slug="spring", name="Spring", content={"cta_note": "In May"})
        for name in ("spring", str(other.id)):
            assert "In May" in text_of(staff.post(CONTENT, {"page": name}))
        assert "In May" in text_of(staff.get(f"/dashboard/preview/pages/{other.id}/"))
        assert "In May" not in text_of(staff.get(f"/dashboard/preview/pages/{home_page().id}/"))

    def test_preview_of_a_control_is_free_of_its_own_experiments_winner(
        self, staff: Client
    ) -> None:
        experiment = ExperimentFactory(
            content={"hero_headline": TREATMENT}, through=["start", "complete"], winner=1
        )
        control, winner = variants_of(experiment)
        response: Any = staff.get(f"/dashboard/preview/variants/{winner.id}/")
        assert headline_of(response) == TREATMENT
        response = staff.get(f"/dashboard/preview/variants/{control.id}/")
        assert headline_of(response) != TREATMENT
        response = staff.post(CONTENT, {"variant": str(control.id)})
        assert headline_of(response) != TREATMENT
        assert headline_of(posted(staff)) == TREATMENT

    def test_frame_is_for_our_own_pages_and_leads_nowhere(self, staff: Client) -> None:
        response: Any = staff.post(CONTENT, {})
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert response["Cache-Control"] == "private, no-store"
        page = text_of(response)
        assert "<script" not in page
        assert "action=" not in page
        assert '<meta name="robots" content="noindex, nofollow">' in page
        assert not [h for h in page.split('href="')[1:] if not h.startswith(("#", "/static/"))]
        assert "visitor_id" not in response.cookies
        assert "csrftoken" not in response.cookies

    def test_frame_counts_nothing_and_enrols_nobody(self, staff: Client) -> None:
        experiment = ExperimentFactory(content={"hero_headline": TREATMENT})
        staff.get(f"/dashboard/preview/variants/{variants_of(experiment)[1].id}/")
        staff.post(CONTENT, {})
        assert counted() == {}
        assert not Assignment.objects.exists()

    @pytest.mark.parametrize("who", [None, UserFactory.create, make_viewer, make_editor])
    def test_frame_is_for_staff_with_a_role(
        self, client: Client, who: Callable[[], Any] | None
    ) -> None:
        if who:
            client.force_login(who())
        status = 200 if who in (make_viewer, make_editor) else 403
        variant = draft()
        for path in (f"variants/{variant.id}/", f"pages/{home_page().id}/"):
            assert client.get(f"/dashboard/preview/{path}").status_code == status
        response: Any = client.post(CONTENT, {})
        assert response.status_code == status
        # Also the refusal is to be read in its frame.
        assert response["X-Frame-Options"] == "SAMEORIGIN"

    def test_frame_of_what_is_not_there_is_not_found(self, staff: Client) -> None:
        for path in ("variants", "pages"):
            missing = f"/dashboard/preview/{path}/00000000-0000-4000-8000-000000000000/"
            assert staff.get(missing).status_code == 404

    def test_content_without_csrf_token_is_refused(self) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make_viewer())
        assert strict.post(CONTENT, {}).status_code == 403


class TestLinks:
    """Previews for whoever has the link."""

    def test_link_shows_a_drafts_variant_to_anybody_with_a_badge(self, client: Client) -> None:
        variant = draft()
        response: Any = client.get(link_to(variant))
        assert response.status_code == 200
        assert headline_of(response) == TREATMENT
        page = text_of(response)
        assert "“variant_1” of “Hero test”" in page
        assert "UTC. Nothing here is counted." in page
        assert response["X-Frame-Options"] == "DENY"

    def test_link_leaves_no_trace(self, client: Client) -> None:
        running = ExperimentFactory(content={"hero_headline": TREATMENT})
        other = ExperimentFactory()
        response: Any = client.get(link_to(variants_of(running)[1]))
        assert not response.cookies
        assert "<script" not in text_of(response)
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert not Assignment.objects.exists()
        # It stands among the pages that count for nothing, so that they add up.
        assert counted() == {"shown": 1, "preview": 1}
        assert not PageCount.objects.filter(experiment_id=other.id).exists()

    def test_link_asked_for_by_head_shows_nobody_anything(self, client: Client) -> None:
        running = ExperimentFactory(content={"hero_headline": TREATMENT})
        assert client.head(link_to(variants_of(running)[1])).status_code == 200
        assert counted() == {}

    def test_link_to_a_draft_is_nowhere_in_the_counts(self, client: Client) -> None:
        client.get(link_to(draft()))
        assert counted() == {}

    def test_form_behind_a_link_shows_its_states_and_keeps_nothing(self, client: Client) -> None:
        path = link_to(draft())
        refused: Any = Client(enforce_csrf_checks=True).post(path, {"email": "nobody"})
        assert refused.status_code == 422
        assert "complete e-mail address" in text_of(refused)
        assert 'value="nobody"' in text_of(refused)
        thanks: Any = client.post(path, {"email": "somebody@company.example"})
        assert thanks.status_code == 200
        assert "the address wasn’t stored" in text_of(thanks)
        assert not Lead.objects.exists()
        assert not thanks.cookies

    def test_link_that_has_ended_says_so(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = link_to(draft(), timedelta(hours=1))
        now = time.time()
        monkeypatch.setattr("experiments.previews.time.time", lambda: now + 3599)
        assert client.get(path).status_code == 200
        monkeypatch.setattr("experiments.previews.time.time", lambda: now + 3601)
        response: Any = client.get(path)
        assert response.status_code == 410
        assert "This preview has ended" in text_of(response)
        assert client.post(path).status_code == 410

    def test_link_to_a_variant_that_was_removed_has_ended(self, client: Client) -> None:
        variant = draft()
        path = link_to(variant)
        variant.delete()
        assert client.get(path).status_code == 410

    @pytest.mark.parametrize("change", ["tamper", "cut", "nonsense", "signed elsewhere"])
    def test_link_that_is_not_ours_is_not_found(self, client: Client, change: str) -> None:
        path = link_to(draft())
        token = path.removeprefix("/preview/")
        forged = {
            "tamper": ("B" if token[0] != "B" else "C") + token[1:],
            "cut": token[:-1],
            "nonsense": "ä.b",
            "signed elsewhere": token.replace(".", ":"),
        }[change]
        response: Any = client.get(f"/preview/{forged}")
        assert response.status_code == 404
        assert "This isn’t a whole preview link" in text_of(response)

    def test_link_stands_in_no_log(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        path = link_to(draft())
        with caplog.at_level("INFO", logger="plainsplit.request"):
            client.get(path)
        [line] = [record for record in caplog.records if record.name == "plainsplit.request"]
        assert line.__dict__["path"] == "/preview/…"

    def test_link_is_short_enough_to_be_sent(self) -> None:
        assert len(link_to(draft())) < 90
