from __future__ import annotations

import uuid

import pytest

from experiments.assignment import Refusal, Wish, assign
from experiments.models import Assignment
from experiments.services import update_experiment
from experiments.snapshot import VariantView
from experiments.tests.factories import ExperimentFactory

pytestmark = pytest.mark.django_db


def test_assign_new_visitor_is_stored_and_repeated() -> None:
    experiment = ExperimentFactory()
    wish = Wish(str(uuid.uuid4()), str(experiment.id))
    [first] = assign([wish])
    [second] = assign([wish])
    assert isinstance(first, VariantView)
    assert second == first
    assert str(Assignment.objects.get().variant_id) == first.id


def test_assign_after_split_change_keeps_what_is_stored() -> None:
    experiment = ExperimentFactory(split=[100, 0])
    wish = Wish(str(uuid.uuid4()), str(experiment.id))
    before = assign([wish])
    update_experiment(experiment_id=experiment.id, traffic_split=[0, 100])
    assert assign([wish]) == before
    [fresh] = assign([Wish(str(uuid.uuid4()), str(experiment.id))])
    assert isinstance(fresh, VariantView)
    assert fresh.name == "variant_1"


def test_assign_paused_experiment_enrols_nobody_new() -> None:
    experiment = ExperimentFactory(through=["start", "pause"])
    assert assign([Wish(str(uuid.uuid4()), str(experiment.id))]) == [Refusal.ENROLS_NOBODY]
    assert assign([Wish(str(uuid.uuid4()), str(uuid.uuid4()))]) == [Refusal.UNKNOWN_EXPERIMENT]
