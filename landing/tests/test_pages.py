"""Several landing pages: each at its address, with its own texts, experiments and form."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from experiments import rollout
from experiments.models import Assignment, Page
from experiments.pages import create_page, home_page, make_home, update_page
from experiments.services import Refused
from experiments.snapshot import EMPTY
from experiments.tests.factories import ExperimentFactory, ToggleFactory, variants_of
from landing.cookies import ASSIGNMENTS_COOKIE, MOST_REMEMBERED, seal
from landing.tests.test_database_down import database_down
from landing.tests.visits import (
    TREATMENT,
    StoreCalls,
    headline_of,
    text_of,
    tracked_in,
    visit,
)
from landing.visitors import VISITOR_COOKIE
from metrics.models import Lead

pytestmark = pytest.mark.django_db

ADDRESS = "somebody@company.example"


@pytest.fixture
def spring() -> Page:
    return create_page(name="Spring", slug="spring", content={"hero_headline": "Spring’s own"})


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> StoreCalls:
    """Count statements in a process that has its snapshot, as a running server has."""
    settings.SNAPSHOT_MAX_AGE = 3600
    return StoreCalls(monkeypatch)


def on(page: Page | None = None, **content: str) -> Any:
    """Run an experiment that shows its treatment to everybody."""
    return ExperimentFactory(split=[0, 100], page=page, content=content)


@pytest.mark.usefixtures("spring")
def test_page_stands_at_its_slug_with_its_own_texts(client: Client) -> None:
    response = visit(client, "/spring/")
    assert headline_of(response) == "Spring’s own"
    assert headline_of(visit(client)) != "Spring’s own"
    page = text_of(response)
    assert '<link rel="canonical" href="http://testserver/spring/">' in page
    assert '<meta property="og:url" content="http://testserver/spring/">' in page
    assert 'class="brand" href="/spring/"' in page
    assert 'action="/spring/sign-up"' in page
    assert response["Cache-Control"] == "private, no-store"


def test_page_edited_shows_it_from_the_next_view_on(client: Client, spring: Page) -> None:
    visit(client, "/spring/")
    update_page(page_id=spring.id, content={"hero_headline": "Anew"})
    assert headline_of(visit(client, "/spring/")) == "Anew"


@pytest.mark.usefixtures("spring")
@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/home/", 302, "/"),
        ("/home/?utm_source=x", 302, "/?utm_source=x"),
        ("/home", 302, "/"),
        ("/spring", 301, "/spring/"),
        ("/spring?utm_source=x", 301, "/spring/?utm_source=x"),
        ("/home/sign-up", 302, "/#sign-up"),
        ("/spring/sign-up", 302, "/spring/#sign-up"),
        ("/sign-up", 302, "/#sign-up"),
    ],
)
def test_address_that_is_not_quite_a_pages_leads_there(
    client: Client, path: str, status: int, location: str
) -> None:
    response: Any = client.get(path)
    assert (response.status_code, response["Location"]) == (status, location)


@pytest.mark.parametrize("path", ["/nowhere/", "/nowhere", "/nowhere/sign-up", "/Spring/", "/a/b/"])
def test_address_of_no_page_is_not_found_without_a_query(
    client: Client,
    spring: Page,
    calls: StoreCalls,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
) -> None:
    calls.learn()
    with django_assert_num_queries(0):
        response = visit(client, path)
    assert response.status_code == 404
    assert "There is nothing at this address" in text_of(response)
    assert calls.count() == 0
    assert not response.cookies


def test_page_that_is_deleted_while_it_is_asked_for_is_not_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landing.views._elsewhere", lambda _request, _slug: None)
    assert visit(client, "/gone/").status_code == 404


def test_page_asked_of_a_process_that_knows_none_is_not_denied(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landing.views.keeper.current", lambda: EMPTY)
    monkeypatch.setattr("landing.visits.keeper.current", lambda: EMPTY)
    response = visit(client, "/spring/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert visit(client).status_code == 200


def test_address_of_no_page_is_not_found_where_there_are_none_at_all(client: Client) -> None:
    Page.objects.all().delete()
    assert visit(client, "/nowhere/").status_code == 404
    assert visit(client).status_code == 200


def test_page_by_other_methods_is_refused(client: Client, spring: Page) -> None:
    assert client.post("/spring/").status_code == 405
    assert client.post("/spring").status_code == 405


def test_page_enrols_and_tracks_its_own_experiments_alone(
    client: Client, spring: Page, calls: StoreCalls
) -> None:
    at_home, there = on(None, hero_text="Home’s"), on(spring, hero_text="Spring’s treatment")
    calls.learn()
    first = visit(client, "/spring/")
    assert tracked_in(first) == {str(there.id): str(variants_of(there)[1].id)}
    assert "Spring’s treatment" in text_of(first)
    assert [a.experiment_id for a in Assignment.objects.all()] == [there.id]
    second = visit(client)
    assert tracked_in(second) == {str(at_home.id): str(variants_of(at_home)[1].id)}
    assert calls.count() == 2
    # The cookie now knows both.
    visit(client, "/spring/")
    visit(client)
    assert calls.count() == 0


def test_experiments_of_two_pages_may_change_the_same_text(spring: Page) -> None:
    on(None, hero_headline=TREATMENT)
    on(spring, hero_headline=TREATMENT)
    with pytest.raises(Refused):
        on(spring, hero_headline=TREATMENT)


def test_winner_stays_on_its_own_page(client: Client, spring: Page) -> None:
    ExperimentFactory(
        page=spring,
        content={"hero_headline": TREATMENT},
        through=["start", "complete"],
        winner=1,
    )
    assert headline_of(visit(client, "/spring/")) == TREATMENT
    assert headline_of(visit(client)) != TREATMENT


def test_page_moved_to_root_keeps_its_experiments(client: Client, spring: Page) -> None:
    on(spring, hero_headline=TREATMENT)
    make_home(page_id=spring.id)
    assert headline_of(visit(client)) == TREATMENT
    assert headline_of(visit(client, "/home/")) != TREATMENT
    assert visit(client, "/spring/")["Location"] == "/"


def test_sign_up_leads_back_to_its_own_page(client: Client, spring: Page) -> None:
    experiment = on(spring, hero_text="Spring’s treatment")
    visit(client, "/spring/")
    response: Any = client.post("/spring/sign-up", {"email": ADDRESS})
    assert (response.status_code, response["Location"]) == (303, "/spring/#sign-up")
    assert Lead.objects.filter(email=ADDRESS).exists()
    thanks = visit(client, "/spring/")
    assert "data-form-submit-id" in text_of(thanks)
    assert list(tracked_in(thanks)) == [str(experiment.id)]


def test_sign_up_that_is_refused_stays_on_its_page(client: Client, spring: Page) -> None:
    content = {"hero_headline": "Spring’s own", "sign_up_incomplete": "Not quite an address"}
    update_page(page_id=spring.id, content=content)
    response: Any = client.post("/spring/sign-up", {"email": "nobody"})
    assert response.status_code == 422
    assert headline_of(response) == "Spring’s own"
    assert "Not quite an address" in text_of(response)


def test_sign_up_on_a_page_that_moved_to_root_meanwhile_is_taken(
    client: Client, spring: Page
) -> None:
    visit(client, "/spring/")
    make_home(page_id=spring.id)
    response: Any = client.post("/spring/sign-up", {"email": ADDRESS})
    assert (response.status_code, response["Location"]) == (303, "/#sign-up")


def test_page_is_shown_while_the_database_is_away(
    client: Client, spring: Page, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(client, "/spring/")
    with database_down(monkeypatch):
        response = visit(client, "/spring/")
        assert (response.status_code, headline_of(response)) == (200, "Spring’s own")
        assert visit(client, "/nowhere/").status_code == 404


def test_assignments_of_many_pages_stay_within_a_cookie(client: Client) -> None:
    visitor_id = str(uuid.uuid4())
    many: dict[str, str | None] = {str(uuid.uuid4()): str(uuid.uuid4()) for _ in range(500)}
    sealed = seal(visitor_id, many)
    # What browsers take, with the name and the attributes.
    assert len(sealed) < 3_900
    experiment = on(None, hero_headline=TREATMENT)
    client.cookies[VISITOR_COOKIE] = visitor_id
    client.cookies[ASSIGNMENTS_COOKIE] = sealed
    assert list(tracked_in(visit(client))) == [str(experiment.id)]


def test_page_with_room_for_few_assignments_keeps_its_own_first(
    client: Client, spring: Page, calls: StoreCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landing.cookies.MOST_REMEMBERED", 2)
    for key in ("hero_text", "hero_headline"):
        on(None, **{key: TREATMENT})
        on(spring, **{key: TREATMENT})
    calls.learn()
    assert MOST_REMEMBERED > 2
    for path in ("/", "/spring/"):
        assert len(tracked_in(visit(client, path))) == 2
        assert calls.count() == 1
        assert len(tracked_in(visit(client, path))) == 2
        assert calls.count() == 0


def test_feature_for_some_visitors_stays_with_who_has_it_also_without_experiments(
    client: Client,
) -> None:
    toggle = ToggleFactory(key="show_hero_banner", enabled=True, rollout=50)
    view = rollout.ToggleView(id=str(toggle.id), enabled=True, rollout=50)
    ids = [str(uuid.uuid4()) for _ in range(20)]
    for visitor_id in ids:
        client.cookies[VISITOR_COOKIE] = visitor_id
        for _ in range(2):
            has_it = 'id="hero-banner"' in text_of(visit(client))
            assert has_it is view.is_on_for(visitor_id, toggle.created_at)


@pytest.mark.parametrize(
    "headers", [{"user_agent": "Examplebot"}, {"sec_gpc": "1"}, {"sec_purpose": "prefetch"}]
)
def test_feature_for_some_visitors_is_nobodys_who_is_not_counted(
    client: Client, headers: dict[str, str]
) -> None:
    ToggleFactory(key="show_hero_banner", enabled=True, rollout=99)
    ToggleFactory(key="enable_social_proof", enabled=True, rollout=100)
    page = text_of(visit(client, **headers))
    assert 'id="hero-banner"' not in page
    assert 'id="social-proof"' in page


def test_feature_for_some_visitors_stays_while_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ToggleFactory(key="show_hero_banner", enabled=True, rollout=50)
    before = 'id="hero-banner"' in text_of(visit(client))
    with database_down(monkeypatch):
        assert ('id="hero-banner"' in text_of(visit(client))) is before


def test_form_of_a_page_names_its_own_address_after_every_state(
    client: Client, spring: Page
) -> None:
    client.post("/spring/sign-up", {"email": "nobody"})
    page = text_of(client.post("/spring/sign-up", {"email": ""}))
    assert re.findall(r'action="(.*?)"', html.unescape(page)) == ["/spring/sign-up"]
    assert home_page().path == "/"
