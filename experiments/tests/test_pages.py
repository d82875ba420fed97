"""Landing pages: made, moved, put at `/`, deleted; and the addresses that none may have."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import URLPattern, URLResolver, get_resolver

from experiments import pages
from experiments.addresses import reserved_words, slug_problem
from experiments.keeper import keeper
from experiments.models import Page
from experiments.pages import create_page, delete_page, home_page, make_home, update_page
from experiments.services import EditConflict, Refused
from experiments.tests.factories import ExperimentFactory

pytestmark = pytest.mark.django_db


def paths() -> dict[str, str]:
    """Return {path: name} of the pages as visitors find them."""
    return {path: view.name for path, view in keeper.refresh().pages.items()}


def test_page_is_found_at_its_slug_from_the_next_snapshot_on() -> None:
    page = create_page(name="Spring", slug="spring", content={"cta_note": "In May"})
    assert paths() == {"/": "Home", "/spring/": "Spring"}
    update_page(page_id=page.id, name="Summer", slug="summer")
    assert paths() == {"/": "Home", "/summer/": "Summer"}
    assert keeper.refresh().pages["/summer/"].content == {"cta_note": "In May"}
    update_page(page_id=page.id, content={})
    assert keeper.refresh().pages["/summer/"].content == {}


def test_page_put_at_root_changes_places_with_the_one_there() -> None:
    before, page = home_page(), create_page(name="Spring", slug="spring")
    experiment = ExperimentFactory(page=before)
    make_home(page_id=page.id)
    assert paths() == {"/": "Spring", "/home/": "Home"}
    snapshot = keeper.refresh()
    assert snapshot.running_on(snapshot.home) == ()
    assert [e.id for e in snapshot.running_on(snapshot.pages["/home/"])] == [str(experiment.id)]
    # Once more changes nothing.
    version = make_home(page_id=page.id).version
    assert Page.objects.get(pk=page.id).version == version


@pytest.mark.parametrize(
    "slug", ["", "Spring", "spring_offer", "-spring", "spring--offer", "a/b", "a" * 61, "spring\n"]
)
def test_page_with_an_address_that_is_none_is_refused(slug: str) -> None:
    with pytest.raises(ValidationError) as refused:
        create_page(name="Spring", slug=slug)
    assert list(refused.value.message_dict) == ["slug"]


def test_page_with_an_address_that_is_taken_is_refused() -> None:
    page = create_page(name="Spring", slug="spring")
    with pytest.raises(ValidationError, match="Another page has this address"):
        create_page(name="Again", slug="spring")
    with pytest.raises(ValidationError, match="Another page has this address"):
        update_page(page_id=page.id, slug=home_page().slug)
    assert update_page(page_id=page.id, slug="spring").slug == "spring"


def first_words(patterns: Any, prefix: str = "") -> set[str]:
    """Return the first word of every address of the site, found another way than the code does."""
    words = set()
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            words |= first_words(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            words.add(route.split("/")[0])
    return {word for word in words if word and "<" not in word}


def test_words_that_lead_elsewhere_are_reserved() -> None:
    words = first_words(get_resolver().url_patterns)
    assert {"api", "dashboard", "livez", "sign-up", "preview", "robots.txt"} <= words
    assert words | {"static", "admin", "health"} <= reserved_words()
    assert slug_problem("spring") is None


@pytest.mark.parametrize("slug", ["api", "dashboard", "static", "sign-up", "preview", "admin"])
def test_page_with_a_reserved_address_is_refused_with_a_sentence(slug: str) -> None:
    with pytest.raises(ValidationError, match=f"“/{slug}/” is kept for another part"):
        create_page(name="Spring", slug=slug)
    with pytest.raises(ValidationError, match="kept for another part"):
        update_page(page_id=home_page().id, slug=slug)


def test_page_with_texts_that_cannot_be_is_refused() -> None:
    with pytest.raises(Refused, match="takes at most"):
        create_page(name="Spring", slug="spring", content={"cta_label": "x" * 41})
    with pytest.raises(Refused, match="begins with its hero"):
        update_page(page_id=home_page().id, content={"sections": "sign_up"})
    assert Page.objects.count() == 1


def test_page_that_somebody_else_saved_is_not_overwritten() -> None:
    page = create_page(name="Spring", slug="spring")
    update_page(page_id=page.id, name="Summer", version=page.version)
    for write in (update_page, make_home):
        with pytest.raises(EditConflict):
            write(page_id=page.id, version=page.version)
    assert Page.objects.get(pk=page.id).name == "Summer"


def test_page_at_root_is_not_deleted() -> None:
    with pytest.raises(Refused, match="Put another page there first"):
        delete_page(page_id=home_page().id)


@pytest.mark.parametrize("through", [[], ["start"], ["start", "complete"]])
def test_page_with_an_experiment_about_it_is_not_deleted(through: list[str]) -> None:
    page = create_page(name="Spring", slug="spring")
    ExperimentFactory(page=page, through=through)
    with pytest.raises(Refused, match="1 experiment is about “Spring”"):
        delete_page(page_id=page.id)


def test_page_that_is_deleted_is_gone_from_the_next_snapshot_on() -> None:
    delete_page(page_id=create_page(name="Spring", slug="spring").id)
    assert paths() == {"/": "Home"}


def test_home_page_of_an_emptied_installation_is_made_anew() -> None:
    Page.objects.all().delete()
    assert home_page() == home_page()
    assert (home_page().slug, Page.objects.count()) == (pages.HOME["slug"], 1)
