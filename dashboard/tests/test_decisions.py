"""Completing an experiment with a decision from the dashboard, and undoing it."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.tests.browser import messages_in, path_of
from dashboard.tests.history import told_by
from dashboard.words import decision_word
from experiments import services
from experiments.decisions import decide_experiment
from experiments.lifecycle import Decision, Status
from experiments.models import Experiment
from experiments.tests.factories import CONTENT, ExperimentFactory, variants_of
from metrics.tests.verdicts import case, counted

pytestmark = pytest.mark.django_db


def page_of(client: Client, experiment: Experiment) -> str:
    response: Any = client.get(path_of("experiment-complete", experiment.id))
    assert response.status_code == 200
    return unescape(response.content.decode()).replace("\u00a0", " ")


def choose(client: Client, experiment: Experiment, choice: str, **data: Any) -> Any:
    return client.post(path_of("experiment-complete", experiment.id), {"choice": choice, **data})


def ship(experiment: Experiment, position: int = 1) -> str:
    return f"ship:{variants_of(experiment)[position].id}"


def test_winner_is_shipped_with_a_note_and_the_results_say_so(editor: Client) -> None:
    experiment = counted((3900, 390), (3900, 460), content=CONTENT)
    response = choose(
        editor,
        experiment,
        ship(experiment),
        note="Clearer words win.",
        version=experiment.version,
    )
    assert response["Location"] == path_of("experiment-detail", experiment.id)
    assert messages_in(response) == [
        f"“{experiment.name}” is completed. From the next page on everybody sees variant_1."
    ]
    page = editor.get(response["Location"]).content.decode()
    assert "variant_1 shipped" in page
    assert "Clearer words win." in page


@pytest.mark.parametrize(
    ("name", "advised", "cautions"),
    [
        ("winner", "ship", ["The results say that variant_1 is better."]),
        ("early_winner", "ship", ["The results say that variant_1 is better."]),
        ("loser", "keep", ["The results say that variant_1 is worse than control."]),
        ("at_planned_end", "keep", ["At the planned end no difference between variant_1 and"]),
        (
            "before_planned_end",
            "",
            [
                "The planned end isn't reached: 4,000 of 7,682 planned visitors came.",
                "The results don't say that variant_1 is better than control.",
            ],
        ),
        ("without_plan", "", ["The results are undecided so far."]),
        ("too_few_visitors", "", ["The planned end isn't reached: 219 of 7,682"]),
        ("sample_ratio_mismatch", "inconclusive", ["The results can't be trusted"]),
    ],
)
def test_page_says_what_the_statistics_say_of_each_decision(
    editor: Client, name: str, advised: str, cautions: list[str]
) -> None:
    page = page_of(editor, case(name))
    for caution in cautions:
        assert caution in page
    assert "Everybody sees control." in page
    assert "Everybody sees variant_1." in page
    checked = [line for line in page.splitlines() if " checked>" in line]
    assert [line.split('value="')[1].startswith(advised) for line in checked] == (
        [True] if advised else []
    )


def test_page_without_visitors_says_that_there_is_nothing_to_decide_by(editor: Client) -> None:
    assert "Nobody has come yet" in page_of(editor, ExperimentFactory.create())


def test_page_shows_the_texts_that_everybody_would_see(editor: Client) -> None:
    experiment = ExperimentFactory.create(content=CONTENT)
    page = page_of(editor, experiment)
    assert "1 text that everybody sees then" in page
    assert "A treatment's headline" in page
    shown = reverse("preview:variant", args=[variants_of(experiment)[1].id])
    assert f'href="{shown}"' in page


def test_decision_against_the_statistics_is_warned_of_and_made_all_the_same(
    editor: Client,
) -> None:
    experiment = case("loser")
    choose(editor, experiment, ship(experiment))
    experiment.refresh_from_db()
    assert (experiment.decision, experiment.winner_id) == (
        Decision.SHIP,
        variants_of(experiment)[1].id,
    )


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("", "Choose what becomes of the experiment."),
        ("ship", "Choose one of the decisions that are offered."),
        ("ship:00000000-0000-4000-8000-000000000000", "Choose one of the decisions that are"),
    ],
)
def test_wrong_choice_is_told_and_the_note_kept(editor: Client, choice: str, sentence: str) -> None:
    experiment = ExperimentFactory.create()
    response = choose(editor, experiment, choice, note="What I learned")
    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert "What I learned</textarea>" in page
    experiment.refresh_from_db()
    assert experiment.status == Status.ACTIVE


def test_decision_on_what_somebody_changed_meanwhile_is_asked_again(editor: Client) -> None:
    experiment = ExperimentFactory.create()
    services.update_experiment(experiment_id=experiment.id, traffic_split=[10, 90])
    response = choose(editor, experiment, "keep", version=experiment.version, note="Kept")
    assert response.status_code == 409
    page = response.content.decode()
    assert "Somebody else changed this experiment" in page
    assert "Kept</textarea>" in page
    experiment.refresh_from_db()
    assert experiment.status == Status.ACTIVE
    assert f'name="version" value="{experiment.version}"' in page


@pytest.mark.parametrize("through", [[], ["start", "complete"]])
def test_what_cannot_be_completed_is_not_asked_about(editor: Client, through: list[str]) -> None:
    experiment = ExperimentFactory.create(through=through)
    path = path_of("experiment-complete", experiment.id)
    for response in (editor.get(path), editor.post(path, {"choice": "keep"})):
        assert response["Location"] == path_of("experiment-detail", experiment.id)
        assert "can't be completed" in messages_in(response)[0]


def test_decision_is_undone_from_the_results(editor: Client) -> None:
    experiment = ExperimentFactory.create(content=CONTENT)
    choose(editor, experiment, ship(experiment))
    experiment.refresh_from_db()
    page = editor.get(path_of("experiment-detail", experiment.id)).content.decode()
    assert path_of("experiment-reopen", experiment.id) in page
    response = editor.post(
        path_of("experiment-reopen", experiment.id), {"version": experiment.version}
    )
    assert messages_in(response) == [
        f"The decision on “{experiment.name}” is undone. It runs again, in a new phase."
    ]
    experiment.refresh_from_db()
    assert experiment.status == Status.ACTIVE


def test_decision_and_its_undoing_are_told_in_the_history(editor: Client) -> None:
    experiment = ExperimentFactory.create()
    note = {"note": "Clearer words."}
    assert told_by(lambda: choose(editor, experiment, ship(experiment), **note)) == [
        "Status: Active → Completed",
        "Winner: – → variant_1",
        "Decision: ship the winner",
        "Note: “Clearer words.”",
    ]
    assert told_by(lambda: editor.post(path_of("experiment-reopen", experiment.id))) == [
        "Decision undone",
        "Status: Completed → Active",
        "Phase 2 began: decision undone",
    ]
    assert "Decision: keep the control" in told_by(lambda: choose(editor, experiment, "keep"))


def test_undoing_nothing_is_refused_with_a_sentence(editor: Client) -> None:
    experiment = ExperimentFactory.create()
    response = editor.post(path_of("experiment-reopen", experiment.id))
    assert messages_in(response) == [
        "There is no decision to undo: the experiment isn't completed."
    ]


@pytest.mark.parametrize(
    ("decision", "word"),
    [("ship", "variant_1 shipped"), ("keep", "Control kept"), ("inconclusive", "Inconclusive")],
)
def test_decision_in_a_word(decision: str, word: str) -> None:
    experiment = ExperimentFactory.create()
    assert decision_word(experiment) is None
    decide_experiment(
        experiment_id=experiment.id,
        decision=Decision(decision),
        winner_id=variants_of(experiment)[1].id if decision == "ship" else None,
    )
    found = Experiment.objects.with_variants().get(pk=experiment.pk)
    words = decision_word(found)
    assert words is not None
    assert words.label == word
    by_api = ExperimentFactory.create(through=["start", "complete"])
    assert decision_word(by_api) is None


def test_home_says_what_was_decided_lately_until_it_is_undone(editor: Client) -> None:
    def home() -> str:
        response: Any = editor.get(path_of("home"))
        return str(response.content.decode())

    experiment = ExperimentFactory.create(name="Evenings")
    assert "Decided in the last 14 days" not in home()
    choose(editor, experiment, ship(experiment))
    assert '<span class="badge is-good">variant_1 shipped</span>' in home()
    Experiment.objects.update(completed_at=timezone.now() - timedelta(days=15))
    assert "Decided in the last 14 days" not in home()
    ExperimentFactory.create(through=["start", "complete"])
    assert "completed without a decision" in home()
