"""What the page says: layers of content, toggles, and that nothing staff write can break out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from experiments import services
from experiments.content import CONTENT_KEYS, DEFAULTS
from experiments.lifecycle import Transition
from experiments.models import Toggle
from experiments.tests.factories import ExperimentFactory, ToggleFactory, variants_of
from experiments.toggles import update_toggle
from landing import pages
from landing.tests.visits import TREATMENT, headline_of, text_of, tracked_in, visit

pytestmark = pytest.mark.django_db

BANNER = 'id="hero-banner"'
SOCIAL_PROOF = 'id="social-proof"'
FIGURES = 'class="wrap figures"'


def completed(headline: str, **content: str) -> None:
    """Leave a completed experiment behind whose winner has this headline."""
    ExperimentFactory(
        content={"hero_headline": headline, **content}, through=["start", "complete"], winner=1
    )


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#x27;").replace('"', "&quot;")


def test_content_without_experiments_is_every_default(client: Client) -> None:
    for toggle in ("show_hero_banner", "enable_social_proof"):
        ToggleFactory(key=toggle, enabled=True)
    page = text_of(visit(client))
    page += text_of(client.post("/sign-up", {"email": ""}))
    page += text_of(client.post("/sign-up", {"email": "a"}))
    elsewhere = ("thanks_", "cta_label_insistent", "cta_note_insistent", "sections")
    missing = [
        entry.key
        for entry in CONTENT_KEYS
        if escaped(entry.default) not in page and not entry.key.startswith(elsewhere)
    ]
    assert missing == []


def test_content_of_completed_experiment_stands_above_defaults(client: Client) -> None:
    completed("Settled", cta_note="A settled note")
    response = visit(client)
    assert headline_of(response) == "Settled"
    assert "A settled note" in text_of(response)
    assert DEFAULTS["hero_badge"] in text_of(response)


def test_content_of_running_experiment_stands_above_completed(client: Client) -> None:
    completed("Settled", cta_note="A settled note")
    ExperimentFactory(split=[0, 100], content={"hero_headline": "Running"})
    response = visit(client)
    assert headline_of(response) == "Running"
    assert "A settled note" in text_of(response)


def test_content_of_two_completed_is_the_later_ones(client: Client) -> None:
    completed("Earlier", cta_note="A settled note")
    completed("Later")
    response = visit(client)
    assert headline_of(response) == "Later"
    assert "A settled note" in text_of(response)


def test_content_of_draft_is_nowhere(client: Client) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT}, through=[])
    assert headline_of(visit(client)) == DEFAULTS["hero_headline"]


def test_content_edited_while_running_shows_on_the_next_page(client: Client) -> None:
    experiment = ExperimentFactory(split=[0, 100], content={"hero_headline": "First wording"})
    assert headline_of(visit(client)) == "First wording"
    variants = [
        services.VariantDraft(
            id=variant.id,
            name=variant.name,
            weight=variant.weight,
            content={"hero_headline": "Second wording"} if variant.position else {},
        )
        for variant in variants_of(experiment)
    ]
    services.update_experiment(experiment_id=experiment.id, variants=variants)
    assert headline_of(visit(client)) == "Second wording"


def test_content_of_several_experiments_is_all_shown(client: Client) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_headline": TREATMENT})
    ExperimentFactory(split=[0, 100], content={"cta_note": "Another’s note"})
    response = visit(client)
    assert headline_of(response) == TREATMENT
    assert "Another’s note" in text_of(response)


def test_content_that_is_empty_leaves_no_empty_badge(client: Client) -> None:
    ExperimentFactory(split=[0, 100], content={"hero_badge": ""})
    assert 'class="badge"' not in text_of(visit(client))


@pytest.mark.parametrize("key", [key for key in DEFAULTS if key != "sections"])
def test_content_with_markup_is_shown_as_text(client: Client, key: str) -> None:
    for toggle in ("show_hero_banner", "enable_social_proof"):
        ToggleFactory(key=toggle, enabled=True)
    ToggleFactory(key="cta_style_aggressive", enabled="insistent" in key)
    attack = '"><b x'
    ExperimentFactory(split=[0, 100], content={key: attack})
    if key in ("sign_up_missing", "sign_up_incomplete", "refused_title"):
        email = "" if key == "sign_up_missing" else "nobody"
        response: Any = client.post("/sign-up", {"email": email})
    else:
        response = visit(client, "/?thanks=1" if key.startswith("thanks") else "/")
    assert "<b x" not in text_of(response)
    assert "&quot;&gt;&lt;b x" in text_of(response)


def test_content_that_looks_like_a_gap_is_text(client: Client) -> None:
    gap = f"{pages.KeptPages._MARK}-csrf_field-"
    ExperimentFactory(split=[0, 100], content={"hero_text": "visitor_id csrf_field origin"})
    page = text_of(visit(client))
    assert "visitor_id csrf_field origin" in page
    assert gap not in page


def test_page_of_many_variant_sets_is_right_for_each_and_kept_for_few(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_KEPT", 1)
    ExperimentFactory(split=[50, 50], content={"hero_headline": TREATMENT})
    headlines = {headline_of(visit(Client())) for _ in range(30)}
    assert headlines == {TREATMENT, DEFAULTS["hero_headline"]}
    _, kept = pages._kept._held
    assert len(kept) == 1


def test_page_is_each_visitors_own(client: Client) -> None:
    ExperimentFactory(split=[100, 0])
    first, second = visit(client), visit(Client())
    assert tracked_in(first) == tracked_in(second)
    assert text_of(first) != text_of(second)
    ids = [client.cookies["visitor_id"].value, second.cookies["visitor_id"].value]
    assert ids[0] in text_of(first)
    assert ids[0] not in text_of(second)
    assert ids[1] in text_of(second)


@pytest.mark.parametrize(
    ("key", "marks"),
    [("show_hero_banner", [BANNER]), ("enable_social_proof", [SOCIAL_PROOF, FIGURES, "<figure>"])],
)
def test_toggle_shows_its_part_from_the_next_page_on(
    client: Client, key: str, marks: list[str]
) -> None:
    toggle = ToggleFactory(key=key, enabled=False)
    page = text_of(visit(client))
    assert not [mark for mark in marks if mark in page]
    assert 'href="#social-proof"' not in page or key != "enable_social_proof"
    update_toggle(toggle_id=toggle.id, enabled=True)
    page = text_of(visit(client))
    assert [mark for mark in marks if mark in page] == marks
    update_toggle(toggle_id=toggle.id, enabled=False)
    page = text_of(visit(client))
    assert not [mark for mark in marks if mark in page]


def test_toggle_cta_style_aggressive_changes_wording_and_style(client: Client) -> None:
    toggle = ToggleFactory(key="cta_style_aggressive", enabled=False)
    page = text_of(visit(client))
    assert page.count(DEFAULTS["cta_label"]) == 3
    assert 'class="insistent"' not in page
    update_toggle(toggle_id=toggle.id, enabled=True)
    page = text_of(visit(client))
    assert page.count(DEFAULTS["cta_label_insistent"]) == 3
    assert DEFAULTS["cta_note_insistent"] in page
    assert DEFAULTS["cta_label"] not in page
    assert '<body class="insistent">' in page


def test_toggle_that_does_not_exist_is_off(client: Client) -> None:
    assert not Toggle.objects.exists()
    page = text_of(visit(client))
    assert BANNER not in page
    assert SOCIAL_PROOF not in page


def test_toggle_applies_to_uncounted_visitors_too(client: Client) -> None:
    ToggleFactory(key="show_hero_banner", enabled=True)
    assert BANNER in text_of(visit(client, sec_gpc="1"))


def test_content_of_experiment_completed_midway_is_the_winners(client: Client) -> None:
    experiment = ExperimentFactory(split=[100, 0], content={"hero_headline": TREATMENT})
    assert headline_of(visit(client)) == DEFAULTS["hero_headline"]
    services.transition_experiment(
        experiment_id=experiment.id,
        transition=Transition.COMPLETE,
        winner_id=variants_of(experiment)[1].id,
    )
    assert headline_of(visit(client)) == TREATMENT
