"""Which sections a page shows, and in which order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from experiments.content import DEFAULTS, content_errors
from experiments.content_sections import SECTIONS, sections_in, written
from experiments.models import Page
from experiments.tests.factories import ExperimentFactory, ToggleFactory
from landing.tests.visits import text_of, visit

IDS = {
    "headline": "hero",
    "features-title": "features",
    "steps-title": "steps",
    "social-proof-title": "social_proof",
    "sign-up-title": "sign_up",
}


def shown_in(response: Any) -> list[str]:
    """Return the names of a page's sections, from top to bottom."""
    found = re.findall(r"<section[^>]* (?:aria-labelledby|aria-label)=\"(.*?)\"", text_of(response))
    return [IDS.get(name, "figures") for name in found]


@pytest.fixture
def proof(db: None) -> None:
    ToggleFactory(key="enable_social_proof", enabled=True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hero, prices, sign_up", "There is no section “prices”"),
        ("", "There is no section “”"),
        ("features, hero, sign_up", "begins with its hero"),
        ("hero, features", "needs its sign-up form"),
        ("hero, features, features, sign_up", "features is listed 2 times"),
    ],
)
def test_sections_that_no_page_could_have_are_refused_with_a_sentence(text: str, says: str) -> None:
    assert says in content_errors({"sections": text})["sections"]
    assert sections_in(text) == tuple(SECTIONS)


def test_sections_by_default_are_all_in_order() -> None:
    assert sections_in(DEFAULTS["sections"]) == tuple(SECTIONS)
    assert content_errors({"sections": DEFAULTS["sections"]}) == {}
    assert len(DEFAULTS["sections"]) <= 120


@pytest.mark.usefixtures("proof")
def test_page_shows_the_sections_that_a_variant_lists_in_its_order(client: Client) -> None:
    order = ["hero", "social_proof", "sign_up", "steps"]
    ExperimentFactory(split=[0, 100], content={"sections": written(order)})
    response = visit(client)
    assert shown_in(response) == order
    # No link leads to what isn't there.
    assert 'href="#features"' not in text_of(response)
    assert 'href="#how-it-works"' in text_of(response)


@pytest.mark.usefixtures("proof")
def test_page_without_most_sections_has_no_link_that_leads_nowhere(client: Client) -> None:
    ToggleFactory(key="show_hero_banner", enabled=True)
    Page.objects.update(content={"sections": "hero, sign_up"})
    response = visit(client)
    assert shown_in(response) == ["hero", "sign_up"]
    page = text_of(response)
    anchors = set(re.findall(r'href="#(.*?)"', page))
    assert {name for name in anchors if f'id="{name}"' not in page} == set()


def test_page_keeps_social_proof_to_its_toggle(client: Client, db: None) -> None:
    Page.objects.update(content={"sections": "hero, social_proof, figures, sign_up"})
    assert shown_in(visit(client)) == ["hero", "sign_up"]


@pytest.mark.usefixtures("proof")
def test_page_whose_stored_order_is_broken_shows_the_default(client: Client) -> None:
    Page.objects.update(content={"sections": "hero, gone, sign_up"})
    assert shown_in(visit(client)) == list(SECTIONS)
