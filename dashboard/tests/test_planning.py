"""The page “Plan and start”: the answer while typing, what would be possible, and the start."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.tests.browser import HTMX, count_visitors, messages_in, path_of, post_part
from experiments import plans, services
from experiments.lifecycle import Status
from experiments.models import Experiment, Plan
from experiments.plans import PlanDraft
from experiments.services import Refused
from experiments.tests.factories import CONTENT, ExperimentFactory

pytestmark = pytest.mark.django_db

TYPED = {"baseline_rate": "20", "minimum_lift": "25", "power": "0.8", "visitors_per_day": "100"}
DRAFT = PlanDraft(baseline_rate=0.2, minimum_lift=0.25, power=0.8, visitors_per_variant=1094)


def draft(**kwargs: Any) -> Experiment:
    experiment: Experiment = ExperimentFactory.create(through=[], **kwargs)
    return experiment


def press(client: Client, experiment: Experiment, button: str, **changes: str) -> Any:
    data = TYPED | {"version": str(experiment.version), button: "1"} | changes
    return client.post(path_of("experiment-plan", experiment.id), data)


def text_of(response: Any) -> str:
    return str(response.content.decode()).replace("\u00a0", " ")


def test_page_opens_with_an_answer_from_defaults_and_says_that_nothing_is_known(
    editor: Client,
) -> None:
    page = text_of(editor.get(path_of("experiment-plan", draft().id)))
    assert 'name="baseline_rate" value="5"' in page
    assert "No past data on this goal yet" in page
    assert "<strong>8,158</strong> visitors per variant" in page
    assert "unknown without traffic" in page
    assert "Start without a plan" in page


def test_page_opens_with_what_past_visitors_did(editor: Client) -> None:
    count_visitors(ExperimentFactory.create(), (2000, 246), (2000, 300))
    page = text_of(editor.get(path_of("experiment-plan", draft().id)))
    assert 'name="baseline_rate" value="12.3"' in page
    assert "12.3 % of 2,000 visitors of controls reached this goal in the last 28 days." in page
    assert 'name="visitors_per_day" value="4000"' in page


def test_answer_while_typing_is_the_part_alone(editor: Client) -> None:
    part = text_of(editor.get(path_of("experiment-plan", draft().id), TYPED, headers=HTMX))
    assert "<strong>1,094</strong> visitors per variant" in part
    assert "4 weeks" in part
    assert "from 20.0 % to at least 25.0 %" in part
    assert "<form" not in part


def test_answer_while_typing_doesnt_read_the_past_again(editor: Client) -> None:
    path = path_of("experiment-plan", draft().id)
    with CaptureQueriesContext(connection) as asked:
        editor.get(path, TYPED, headers=HTMX)
    assert asked.captured_queries
    assert not [query for query in asked.captured_queries if "metrics_" in query["sql"]]


def test_answer_to_the_impossible_says_what_would_be_possible(editor: Client) -> None:
    experiment = draft()
    wrong = TYPED | {"baseline_rate": "40", "minimum_lift": "160"}
    sentence = "A baseline of 40 % allows a lift of at most 150 %."
    part = editor.get(path_of("experiment-plan", experiment.id), wrong, headers=HTMX)
    assert sentence in text_of(part)
    for button in ("check", "save", "start"):
        refused = press(editor, experiment, button, baseline_rate="40", minimum_lift="160")
        assert refused.status_code == 422
        assert f'<p class="field-error" id="id_minimum_lift_error">{sentence}' in text_of(refused)
        assert 'value="160"' in text_of(refused)
    assert not Plan.objects.exists()


@pytest.mark.parametrize("typed", ["", "nan", "1e999", "abc", "-5", "0"])
def test_rate_that_is_no_rate_is_told(editor: Client, typed: str) -> None:
    refused = press(editor, draft(), "start", baseline_rate=typed)
    assert refused.status_code == 422
    assert 'id="id_baseline_rate_error"' in text_of(refused)


def test_work_it_out_by_a_plain_post_shows_the_answer_and_keeps_what_was_typed(
    editor: Client,
) -> None:
    page = text_of(press(editor, draft(), "check"))
    assert "<strong>1,094</strong>" in page
    assert 'value="25"' in page


def test_start_with_a_plan_freezes_it_with_the_start(editor: Client) -> None:
    experiment = draft()
    response = press(editor, experiment, "start")
    assert response["Location"] == path_of("experiment-detail", experiment.id)
    experiment.refresh_from_db()
    plan = Plan.objects.get(experiment=experiment)
    assert experiment.status == Status.ACTIVE
    assert (plan.frozen_at, plan.goal.name) == (experiment.started_at, "Sign-up or CTA click")
    assert (plan.baseline_rate, plan.minimum_lift, plan.power) == (0.2, 0.25, 0.8)
    assert (plan.visitors_per_variant, plan.days, plan.visitors_per_day) == (1094, 28, 100)
    with pytest.raises(Refused, match="The plan was frozen"):
        plans.save_plan(experiment_id=experiment.id, plan=DRAFT)


def test_saved_plan_is_what_the_form_opens_with(editor: Client) -> None:
    experiment = draft()
    assert messages_in(press(editor, experiment, "save"))[0].startswith("The plan of")
    page = text_of(editor.get(path_of("experiment-plan", experiment.id)))
    assert 'name="baseline_rate" value="20"' in page
    assert Plan.objects.get().frozen_at is None


def test_start_without_a_plan_leaves_none(editor: Client) -> None:
    experiment = draft()
    press(editor, experiment, "save")
    editor.post(path_of("experiment-start", experiment.id), {"version": experiment.version})
    experiment.refresh_from_db()
    assert experiment.status == Status.ACTIVE
    assert not Plan.objects.exists()


def test_start_that_is_refused_keeps_neither_plan_nor_start(editor: Client) -> None:
    ExperimentFactory.create(name="First", content=CONTENT)
    second = draft(content=CONTENT)
    refused = press(editor, second, "start")
    assert refused.status_code == 409
    assert "“First” is running and changes Hero headline too." in text_of(refused)
    assert not Plan.objects.exists()


def test_start_of_what_somebody_changed_meanwhile_is_refused(editor: Client) -> None:
    experiment = draft()
    refused = press(editor, experiment, "start", version="0")
    assert refused.status_code == 409
    assert "Somebody else saved this experiment" in text_of(refused)


def test_plan_of_a_started_experiment_is_there_to_read_and_no_more(
    editor: Client, viewer: Client
) -> None:
    experiment = draft()
    press(editor, experiment, "start")
    path = path_of("experiment-plan", experiment.id)
    for client in (editor, viewer):
        page = text_of(client.get(path))
        assert "Frozen at the start:" in page
        assert re.search(r"Baseline rate.*?</dt><dd>20\.0 %</dd>", page, re.DOTALL)
        assert "1,094 visitors per variant" in page
        assert 'name="baseline_rate"' not in page
    sent = post_part(editor, path, TYPED | {"baseline_rate": "30", "save": "1"})
    assert sent["HX-Redirect"] == path
    assert Plan.objects.get().baseline_rate == 0.2


def test_plan_of_a_draft_is_to_read_for_viewers(editor: Client, viewer: Client) -> None:
    experiment = draft()
    path = path_of("experiment-plan", experiment.id)
    assert "There is no plan yet." in text_of(viewer.get(path))
    press(editor, experiment, "save")
    page = text_of(viewer.get(path))
    assert "Saved, and frozen once the experiment starts." in page
    assert 'name="baseline_rate"' not in page


@pytest.mark.parametrize(
    ("leave", "name"),
    [
        ("on", "experiment-review"),
        ("back", "experiment-setup-variants"),
        ("draft", "experiment-detail"),
    ],
)
def test_plan_as_a_step_saves_and_leads_where_its_button_says(
    editor: Client, leave: str, name: str
) -> None:
    experiment = draft()
    data = TYPED | {"version": str(experiment.version), "save": leave}
    response = editor.post(path_of("experiment-setup-plan", experiment.id), data)
    assert response["Location"] == path_of(name, experiment.id)
    assert Plan.objects.get().frozen_at is None


def test_split_without_a_comparison_is_told_before_the_start(editor: Client) -> None:
    page = text_of(editor.get(path_of("experiment-plan", draft(split=[100, 0]).id)))
    assert "Only the control gets visitors by the traffic split." in page


def test_saved_plan_is_frozen_by_any_start(editor: Client) -> None:
    experiment = draft()
    press(editor, experiment, "save")
    services.update_experiment(experiment_id=experiment.id, status=Status.ACTIVE)
    experiment.refresh_from_db()
    assert Plan.objects.get().frozen_at == experiment.started_at
