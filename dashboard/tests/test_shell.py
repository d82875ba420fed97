"""The frame around every page: where its menu leads, and in which colours it comes."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.navigation import GROUPS, navigation_for
from dashboard.tests.browser import HTMX
from experiments.tests.factories import make_editor, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Client:
    client = Client()
    client.force_login(make_viewer())
    return client


def page_of(client: Client, name: str = "toggle-list") -> str:
    return client.get(reverse(f"dashboard:{name}")).content.decode()


def test_navigation_of_a_viewer_leaves_out_what_only_editors_may_open() -> None:
    def names(links: object) -> str:
        return str(links)

    offered = names(navigation_for(make_viewer(), ""))
    assert "/people/" not in offered
    assert "/tokens/" not in offered
    assert "/people/" in names(navigation_for(make_editor(), ""))


def test_navigation_marks_the_page_and_what_lies_below_it(viewer: Client) -> None:
    def current(here: str) -> dict[str, str]:
        links = [link for group in navigation_for(make_editor(), here) for link in group]
        return {link.url: link.current for link in links if link.current}

    assert current("toggle-list") == {"/dashboard/toggles/": "page"}
    assert current("toggle-edit") == {"/dashboard/toggles/": "true"}
    assert current("experiment-history") == {"/dashboard/experiments/": "true"}
    assert current("history") == {"/dashboard/history/": "page"}
    assert current("account") == {}
    assert 'aria-current="page"' in page_of(viewer)


def test_navigation_leads_to_pages_that_exist(client: Client) -> None:
    client.force_login(make_editor())
    for group in navigation_for(make_editor(username="other"), ""):
        for link in group:
            assert client.get(link.url, follow=True).status_code == 200, link.url


def test_every_entry_has_an_icon_of_its_own() -> None:
    icons = [entry.icon for group in GROUPS for entry in group]
    assert len(set(icons)) == len(icons)


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_theme_that_was_chosen_is_in_the_first_byte(viewer: Client, chosen: str) -> None:
    assert "data-theme" not in page_of(viewer)
    toggles = reverse("dashboard:toggle-list")
    answer = viewer.post(reverse("dashboard:theme"), {"theme": chosen, "next": toggles})
    assert answer["Location"] == toggles
    page = page_of(viewer)
    assert f'data-theme="{chosen}"' in page
    assert f'<meta name="color-scheme" content="{chosen}">' in page
    assert re.search(rf'value="{chosen}" aria-pressed="true"', page)


def test_theme_of_the_system_is_chosen_by_forgetting_the_choice(viewer: Client) -> None:
    viewer.post(reverse("dashboard:theme"), {"theme": "dark"})
    viewer.post(reverse("dashboard:theme"), {"theme": "system"})
    page = page_of(viewer)
    assert "data-theme" not in page
    assert '<meta name="color-scheme" content="light dark">' in page


def test_theme_chosen_by_htmx_leaves_the_page_as_it_is(viewer: Client) -> None:
    answer = viewer.post(reverse("dashboard:theme"), {"theme": "dark"}, headers=HTMX)
    assert answer.status_code == 204
    assert "plainsplit:theme" in answer["HX-Trigger"]


@pytest.mark.parametrize("page", ["https://elsewhere.example/", "//elsewhere.example/", ""])
def test_theme_never_leads_to_another_site(viewer: Client, page: str) -> None:
    answer = viewer.post(reverse("dashboard:theme"), {"theme": "dark", "next": page})
    assert answer["Location"] == reverse("dashboard:home")


def test_theme_that_does_not_exist_is_refused_and_a_wrong_cookie_ignored(viewer: Client) -> None:
    assert viewer.post(reverse("dashboard:theme"), {"theme": "pink"}).status_code == 400
    viewer.cookies["theme"] = '"><script>'
    assert "data-theme" not in page_of(viewer)
