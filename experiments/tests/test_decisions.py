"""Decisions at an experiment's end: what everybody sees, and how it is undone."""

from __future__ import annotations

from typing import Any

import pytest

from experiments import decisions, services, snapshot
from experiments.decisions import decide_experiment, reopen_experiment
from experiments.lifecycle import Decision, Status, TransitionForbidden
from experiments.models import AuditEntry, Experiment
from experiments.models.phase import PhaseCause
from experiments.services import EditConflict, Refused
from experiments.tests.factories import CONTENT, ExperimentFactory, variants_of

pytestmark = pytest.mark.django_db


def shipped(**kwargs: Any) -> Experiment:
    experiment = ExperimentFactory.create(content=CONTENT, **kwargs)
    return decide_experiment(
        experiment_id=experiment.id,
        decision=Decision.SHIP,
        winner_id=variants_of(experiment)[1].id,
        note="Shorter is better.",
    )


def settled() -> dict[str, str]:
    loaded = snapshot.load()
    return dict(loaded.settled_content(loaded.home))


def test_shipped_winner_is_what_everybody_sees() -> None:
    experiment = shipped()
    assert (experiment.status, experiment.decision) == (Status.COMPLETED, Decision.SHIP)
    assert experiment.decision_note == "Shorter is better."
    assert experiment.winner == variants_of(experiment)[1]
    assert settled() == CONTENT


@pytest.mark.parametrize("decision", [Decision.KEEP, Decision.INCONCLUSIVE])
def test_kept_control_is_what_everybody_sees(decision: Decision) -> None:
    experiment = ExperimentFactory.create(content=CONTENT)
    decided = decide_experiment(experiment_id=experiment.id, decision=decision)
    assert (decided.decision, decided.winner) == (decision, None)
    assert settled() == {}


def test_decision_that_cannot_be_is_refused_and_changes_nothing() -> None:
    experiment, other = ExperimentFactory.create(), ExperimentFactory.create()
    control, treatment = variants_of(experiment)
    for decision, winner, sentence in (
        (Decision.SHIP, None, "one of the experiment's own variants"),
        (Decision.SHIP, variants_of(other)[1].id, "one of the experiment's own variants"),
        (Decision.SHIP, control.id, "The control can't be shipped"),
        (Decision.KEEP, treatment.id, "Only a decision to ship names a winner"),
    ):
        with pytest.raises(Refused, match=sentence):
            decide_experiment(experiment_id=experiment.id, decision=decision, winner_id=winner)
    with pytest.raises(EditConflict):
        decide_experiment(experiment_id=experiment.id, decision=Decision.KEEP, version=0)
    experiment.refresh_from_db()
    assert experiment.status == Status.ACTIVE
    draft = ExperimentFactory.create(through=[])
    with pytest.raises(TransitionForbidden, match="A draft experiment can't be completed"):
        decide_experiment(experiment_id=draft.id, decision=Decision.KEEP)


@pytest.mark.parametrize(
    ("through", "status"), [(["start"], Status.ACTIVE), (["start", "pause"], Status.PAUSED)]
)
def test_undone_decision_leads_back_in_a_new_phase(through: list[str], status: Status) -> None:
    experiment = shipped(through=through)
    reopened = reopen_experiment(experiment_id=experiment.id, version=experiment.version)
    reopened.refresh_from_db()
    assert reopened.status == status
    assert (reopened.winner, reopened.decision, reopened.decision_note) == (None, "", "")
    assert (reopened.completed_at, reopened.completed_from) == (None, "")
    first, second = reopened.phases.all()
    assert first.ended_at is not None
    assert (second.number, second.cause, second.ended_at) == (2, PhaseCause.REOPENED, None)
    assert second.started_at > first.ended_at
    assert settled() == {}


def test_completion_by_the_api_can_be_undone_too() -> None:
    experiment = ExperimentFactory.create()
    services.update_experiment(experiment_id=experiment.id, status=Status.COMPLETED)
    assert reopen_experiment(experiment_id=experiment.id).status == Status.ACTIVE


def test_completion_of_which_nobody_knows_what_was_before_is_undone_to_a_pause() -> None:
    experiment = ExperimentFactory.create(through=["start", "complete"])
    Experiment.objects.update(completed_from="")
    assert reopen_experiment(experiment_id=experiment.id).status == Status.PAUSED


def test_what_is_not_completed_has_nothing_to_undo() -> None:
    with pytest.raises(TransitionForbidden, match="There is no decision to undo"):
        reopen_experiment(experiment_id=ExperimentFactory.create().id)
    experiment = shipped()
    with pytest.raises(EditConflict):
        reopen_experiment(experiment_id=experiment.id, version=experiment.version - 1)


def test_decision_is_not_undone_where_another_experiment_has_taken_its_place() -> None:
    experiment = shipped()
    ExperimentFactory.create(name="Successor", content=CONTENT)
    with pytest.raises(Refused, match="“Successor” is running and changes Hero headline too"):
        reopen_experiment(experiment_id=experiment.id)
    experiment.refresh_from_db()
    assert experiment.status == Status.COMPLETED
    assert experiment.phases.count() == 1


def test_archived_experiment_whose_decision_is_undone_is_in_sight_again() -> None:
    experiment = shipped()
    Experiment.objects.filter(pk=experiment.pk).update(archived_at=experiment.completed_at)
    assert reopen_experiment(experiment_id=experiment.id).archived_at is None


def test_decision_and_its_undoing_stay_in_the_history() -> None:
    experiment = shipped()
    decisions.reopen_experiment(experiment_id=experiment.id)
    entries = AuditEntry.objects.filter(object_id=str(experiment.id), action="changed")
    values = [(e.before or {}, e.after or {}) for e in entries.order_by("id")]
    decided, undone = (pair for pair in values if "decision" in pair[1])
    assert decided[1]["decision"] == "ship"
    assert (undone[0]["decision"], undone[1]["decision"]) == ("ship", "")
    assert undone[0]["decision_note"] == "Shorter is better."
