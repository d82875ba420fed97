"""The steps of making an experiment: each on a draft that is kept, and the start at the end."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.comparison import pieces_of
from dashboard.tests.browser import form_of, messages_in, path_of, post_part
from experiments import plans, services
from experiments.lifecycle import Status
from experiments.models import Experiment, Plan
from experiments.plans import PlanDraft
from experiments.tests.factories import CONTENT, ExperimentFactory, variants_of

pytestmark = pytest.mark.django_db
PLAN = PlanDraft(baseline_rate=0.2, minimum_lift=0.25, power=0.8, visitors_per_variant=1094)
SETUP = ("experiment-setup-variants", "experiment-setup-plan", "experiment-review")


def draft(**kwargs: Any) -> Experiment:
    experiment: Experiment = ExperimentFactory.create(through=[], **kwargs)
    return experiment


def page_of(client: Client, name: str, experiment: Experiment) -> str:
    response: Any = client.get(path_of(name, experiment.id))
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("name", "number"),
    [("experiment-question", 1), *zip(SETUP, (2, 3, 4), strict=True)],
)
def test_each_step_says_where_one_is_and_links_to_the_others(
    editor: Client, name: str, number: int
) -> None:
    experiment = draft()
    page = page_of(editor, name, experiment)
    assert f"Step {number} of 4" in page
    for other in ("experiment-question", *SETUP):
        steps = page[page.index('class="steps"') : page.index("steps-now")]
        assert (path_of(other, experiment.id) in steps) is (other != name)


def test_steps_say_what_was_done(editor: Client) -> None:
    experiment = draft()
    assert page_of(editor, "experiment-review", experiment).count("(done)") == 0
    services.update_experiment(experiment_id=experiment.id, hypothesis="If we try")
    experiment.variants.filter(position=1).update(content=CONTENT)
    assert page_of(editor, "experiment-review", experiment).count("(done)") == 2
    plans.save_plan(experiment_id=experiment.id, plan=PLAN)
    assert page_of(editor, "experiment-review", experiment).count("(done)") == 3


@pytest.mark.parametrize(
    ("leave", "name"),
    [
        ("on", "experiment-setup-plan"),
        ("back", "experiment-question"),
        ("draft", "experiment-detail"),
    ],
)
def test_variants_as_a_step_save_and_lead_where_the_button_says(
    editor: Client, leave: str, name: str
) -> None:
    experiment = draft()
    data = form_of(experiment, weights=[30, 70], save=leave)
    response: Any = editor.post(path_of("experiment-setup-variants", experiment.id), data)
    assert response["Location"] == path_of(name, experiment.id)
    assert list(experiment.variants.values_list("weight", flat=True)) == [30, 70]


def test_draft_that_is_left_leads_back_to_where_nothing_was_done_yet(editor: Client) -> None:
    experiment = draft(hypothesis="If we try")
    page = page_of(editor, "experiment-detail", experiment)
    assert "Continue setting it up" in page
    assert f'href="{path_of("experiment-setup-variants", experiment.id)}"' in page


@pytest.mark.parametrize("name", SETUP)
def test_step_of_what_has_started_leads_to_its_page(editor: Client, name: str) -> None:
    experiment = ExperimentFactory.create()
    response: Any = editor.get(path_of(name, experiment.id))
    assert response.status_code == 302
    assert "setup" not in response["Location"]
    assert "review" not in response["Location"]


def test_review_says_everything_that_will_start(editor: Client) -> None:
    experiment = draft(
        name="Evenings", hypothesis="If we try", description="Why?", content=CONTENT, split=[30, 70]
    )
    plans.save_plan(experiment_id=experiment.id, plan=PLAN)
    page = page_of(editor, "experiment-review", experiment).replace("\u00a0", " ")
    for said in (
        "If we try",
        "Why?",
        "Traffic split: control 30 %, variant_1 70 %",
        "Hero headline",
        "A treatment&#x27;s",
        "Sign-up or CTA click",
        "1,094 visitors per variant",
        "Start the experiment",
    ):
        assert said in page
    assert "Before you start" not in page


def test_review_says_what_is_missing_and_where_to_see_to_it(editor: Client) -> None:
    experiment = draft(split=[50, 50, 0])
    page = page_of(editor, "experiment-review", experiment)
    assert "There is no hypothesis." in page
    assert "All variants show the same: there is nothing to compare yet." in page
    assert "Nobody new gets “variant_2”: its share is 0 %." in page
    assert "There is no plan" in page
    assert "Start without a plan" in page
    experiment.variants.filter(position=1).update(content=CONTENT)
    assert "“variant_2” shows the same as the control." in page_of(
        editor, "experiment-review", experiment
    )


def test_review_says_beforehand_what_would_refuse_the_start(editor: Client) -> None:
    ExperimentFactory.create(name="First", content=CONTENT)
    second = draft(content=CONTENT)
    page = page_of(editor, "experiment-review", second)
    assert "“First” is running and changes Hero headline too." in page
    refused = post_part(
        editor, path_of("experiment-review", second.id), {"version": second.version}
    )
    assert refused.status_code == 409
    assert "“First” is running" in refused.content.decode()
    second.refresh_from_db()
    assert second.status == Status.DRAFT


@pytest.mark.parametrize("with_plan", [True, False])
def test_start_at_the_end_takes_the_plan_that_was_saved(editor: Client, with_plan: bool) -> None:
    experiment = draft(name="Evenings", content=CONTENT)
    if with_plan:
        plans.save_plan(experiment_id=experiment.id, plan=PLAN)
    data = {"version": experiment.version}
    response: Any = editor.post(path_of("experiment-review", experiment.id), data)
    assert response["Location"] == path_of("experiment-detail", experiment.id)
    assert messages_in(response)[0].startswith("“Evenings” runs now.")
    experiment.refresh_from_db()
    assert experiment.status == Status.ACTIVE
    assert Plan.objects.filter(frozen_at=experiment.started_at).exists() is with_plan


@pytest.mark.parametrize("version", ["0", "", "x"])
def test_start_of_what_somebody_changed_meanwhile_is_refused(editor: Client, version: str) -> None:
    experiment = draft()
    refused: Any = editor.post(path_of("experiment-review", experiment.id), {"version": version})
    assert refused.status_code == 409
    assert "Somebody else saved this experiment" in refused.content.decode()


def test_content_stands_side_by_side_with_new_words_marked(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    control, treatment = variants_of(experiment)
    control.content = {"hero_headline": "Leave work on time today"}
    treatment.content = {"hero_headline": "Leave work on time tomorrow", "cta_label": "Go"}
    control.save()
    treatment.save()
    page = page_of(viewer, "experiment-content", experiment)
    assert "2 texts differ from the control; new words are highlighted." in page
    assert "Leave work on time <ins>tomorrow</ins>" in page
    assert "<ins>Go</ins>" in page
    assert "the page’s own" in page
    assert path_of("experiment-edit", experiment.id) not in page


def test_content_previews_the_first_treatment_or_the_one_that_is_asked_for(viewer: Client) -> None:
    experiment = ExperimentFactory.create(split=[40, 30, 30])
    path = path_of("experiment-content", experiment.id)
    ids = [str(variant.id) for variant in variants_of(experiment)]
    for asked, shown in (("", 1), ("?variant=0", 0), ("?variant=2", 2), ("?variant=x", 1)):
        page = viewer.get(path + asked).content.decode()
        assert f'src="/dashboard/preview/variants/{ids[shown]}/"' in page
    assert viewer.get(path + "?variant=99").status_code == 200


def test_preview_of_what_is_not_saved_is_marked_to_be_renewed(editor: Client) -> None:
    experiment = draft()
    path = path_of("experiment-edit", experiment.id)
    assert "data-stale" not in editor.get(path).content.decode()
    assert editor.post(path, form_of(experiment, add="1")).content.decode().count("data-stale") == 3


def test_content_without_a_difference_says_what_to_do(editor: Client, viewer: Client) -> None:
    experiment = draft()
    sentence = "without a difference there is nothing to compare"
    for client in (editor, viewer):
        assert sentence in page_of(client, "experiment-content", experiment)


@pytest.mark.parametrize(
    ("control", "text", "new"),
    [
        ("One two three", "One two three", []),
        ("One two three", "One 2 three", ["2"]),
        ("One two", "One two three", [" three"]),
        ("One two three", "Nothing alike at all here", ["Nothing alike at all here"]),
    ],
)
def test_pieces_say_which_words_are_new(control: str, text: str, new: list[str]) -> None:
    pieces = pieces_of(control, text)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if piece.is_new] == new
