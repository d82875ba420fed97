"""A change of what visitors are offered opens a phase; nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from experiments.assignment import Wish, assign
from experiments.lifecycle import Status, Transition
from experiments.models import Assignment, Experiment, Phase
from experiments.models.phase import PhaseCause
from experiments.phases import causes_of_save
from experiments.services import (
    InvalidSplit,
    Refused,
    VariantDraft,
    transition_experiment,
    update_experiment,
)
from experiments.tests.factories import ExperimentFactory, variants_of

pytestmark = pytest.mark.django_db

RUNNING = [["start"], ["start", "pause"]]


def drafts_of(experiment: Experiment, **changes: Any) -> list[VariantDraft]:
    """Return the variants as they are, the last one with these changes."""
    drafts = [
        {
            "id": v.id,
            "name": v.name,
            "weight": v.weight,
            "description": v.description,
            "content": v.content,
        }
        for v in variants_of(experiment)
    ]
    drafts[-1].update(changes)
    return [VariantDraft(**draft) for draft in drafts]


def numbers(experiment: Experiment) -> list[int]:
    return [phase.number for phase in experiment.phases.all()]


def test_start_opens_the_first_phase_with_the_split() -> None:
    experiment = ExperimentFactory.create(split=[70, 30], through=[])
    assert numbers(experiment) == []
    experiment = transition_experiment(experiment_id=experiment.id, transition=Transition.START)
    [phase] = experiment.phases.all()
    control, treatment = variants_of(experiment)
    assert phase.weights == {str(control.id): 70, str(treatment.id): 30}
    assert (phase.number, phase.cause, phase.ended_at) == (1, PhaseCause.START, None)
    assert phase.started_at == experiment.started_at


def save(experiment: Experiment, wish: str) -> dict[str, Any]:
    """Return what update_experiment is given for a wish."""
    content = {"hero_headline": "Another"}
    new = VariantDraft(name="new", weight=0)
    wishes: dict[str, dict[str, Any]] = {
        "split": {"traffic_split": [30, 70]},
        "content": {"variants": drafts_of(experiment, content=content)},
        "variants": {"variants": [*drafts_of(experiment), new]},
        "all": {
            "variants": [
                *drafts_of(experiment, content=content, weight=40)[:1],
                *[
                    VariantDraft(
                        id=variants_of(experiment)[1].id, name="b", weight=30, content=content
                    ),
                    VariantDraft(name="new", weight=20),
                ],
            ]
        },
        "names": {"name": "N", "description": "D", "variants": drafts_of(experiment, name="x")},
        "nothing": {"traffic_split": [50, 50], "variants": drafts_of(experiment)},
    }
    return wishes[wish]


@pytest.mark.parametrize("through", RUNNING)
@pytest.mark.parametrize(
    ("wish", "causes"),
    [
        ("split", (PhaseCause.SPLIT,)),
        ("content", (PhaseCause.CONTENT,)),
        ("variants", (PhaseCause.VARIANTS,)),
        ("all", (PhaseCause.VARIANTS, PhaseCause.CONTENT, PhaseCause.SPLIT)),
        ("names", ()),
        ("nothing", ()),
    ],
)
def test_save_of_a_running_experiment_opens_one_phase_or_none(
    through: list[str], wish: str, causes: Sequence[PhaseCause]
) -> None:
    experiment = ExperimentFactory.create(through=through)
    given = save(experiment, wish)
    offered = {key: given[key] for key in ("traffic_split", "variants") if key in given}
    assert causes_of_save(experiment, **offered) == causes
    update_experiment(experiment_id=experiment.id, **given)
    phases = list(experiment.phases.all())
    assert [phase.number for phase in phases] == ([1, 2] if causes else [1])
    if causes:
        former, current = phases
        assert current.cause == causes[0]
        assert former.ended_at is not None
        assert former.started_at < former.ended_at <= current.started_at
        assert current.weights == {
            str(v.id): v.weight for v in Experiment.objects.get(pk=experiment.id).variants.all()
        }


def test_save_of_a_draft_opens_no_phase_and_its_start_knows_the_last_split() -> None:
    experiment = ExperimentFactory.create(through=[])
    assert causes_of_save(experiment, traffic_split=[10, 90]) == ()
    update_experiment(experiment_id=experiment.id, traffic_split=[10, 90], status=Status.ACTIVE)
    [phase] = experiment.phases.all()
    assert sorted(phase.weights.values()) == [10, 90]


def test_completing_ends_the_phase_and_opens_none() -> None:
    experiment = ExperimentFactory.create()
    update_experiment(experiment_id=experiment.id, traffic_split=[10, 90], status=Status.COMPLETED)
    [phase] = experiment.phases.all()
    assert phase.ended_at is not None


def test_visitor_keeps_variant_and_phase_and_newcomers_enter_the_next() -> None:
    experiment = ExperimentFactory.create(split=[100, 0])
    old, new = ("00000000-0000-4000-8000-00000000000" + digit for digit in "12")
    assign([Wish(old, str(experiment.id))])
    update_experiment(experiment_id=experiment.id, traffic_split=[0, 100])
    assign([Wish(old, str(experiment.id)), Wish(new, str(experiment.id))])
    control, treatment = variants_of(experiment)
    stored = {str(a.visitor_id): (a.variant_id, a.phase) for a in Assignment.objects.all()}
    assert stored == {old: (control.id, 1), new: (treatment.id, 2)}


def test_variant_added_to_a_running_experiment_gets_newcomers() -> None:
    experiment = ExperimentFactory.create(split=[50, 50])
    control, treatment = drafts_of(experiment)
    update_experiment(
        experiment_id=experiment.id,
        variants=[
            VariantDraft(id=control.id, name="control", weight=0),
            VariantDraft(id=treatment.id, name="treatment", weight=0),
            VariantDraft(name="third", weight=100),
        ],
    )
    [outcome] = assign([Wish("00000000-0000-4000-8000-000000000001", str(experiment.id))])
    assert getattr(outcome, "name", outcome) == "third"


@pytest.mark.parametrize(
    "change", [lambda d: d[:1], lambda d: d[::-1], lambda d: [VariantDraft(name="n", weight=0), *d]]
)
def test_variants_of_a_running_experiment_keep_their_places(change: Any) -> None:
    experiment = ExperimentFactory.create(split=[50, 50])
    drafts = change(drafts_of(experiment))
    if len(drafts) == 1:
        drafts = [*drafts, VariantDraft(name="n", weight=50)]
    with pytest.raises(Refused, match="only while the experiment is a draft"):
        update_experiment(experiment_id=experiment.id, variants=drafts)
    assert numbers(experiment) == [1]


def test_refused_change_leaves_the_phase_under_way() -> None:
    experiment = ExperimentFactory.create()
    with pytest.raises(InvalidSplit):
        update_experiment(experiment_id=experiment.id, traffic_split=[60, 60])
    assert Phase.objects.get(experiment=experiment).ended_at is None
