from __future__ import annotations

import uuid

import pytest
from django.db import transaction

from experiments import store
from experiments.assignment import Wish, assign
from experiments.known import KnownAssignments, known
from experiments.snapshot import VariantView
from experiments.tests.factories import ExperimentFactory


def test_known_is_what_was_remembered_for_that_visitor_and_experiment() -> None:
    some = KnownAssignments()
    some.remember("visitor", "experiment", "variant")
    assert some.get("visitor", "experiment") == "variant"
    assert some.get("visitor", "another") is None
    assert some.get("another", "experiment") is None
    some.forget()
    assert some.get("visitor", "experiment") is None


def test_known_is_bounded_and_keeps_what_is_asked_for() -> None:
    some = KnownAssignments(most=10)
    for n in range(1000):
        some.remember(f"{n}", "experiment", "variant")
        assert some.get("0", "experiment") == "variant"
    assert sum(some.get(f"{n}", "experiment") is not None for n in range(1000)) <= 20
    assert some.get("999", "experiment") == "variant"


@pytest.mark.django_db(transaction=True)
def test_assign_visitor_that_is_known_needs_no_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = ExperimentFactory()
    wishes = [Wish(str(uuid.uuid4()), str(experiment.id)) for _ in range(3)]
    first = assign(wishes)
    assert all(isinstance(outcome, VariantView) for outcome in first)
    asked: list[str] = []
    run = store.run

    def run_and_note(sql: str, params: dict[str, object]) -> object:
        asked.append(sql)
        return run(sql, params)

    monkeypatch.setattr(store, "run", run_and_note)
    assert assign(wishes) == first
    assert not any("experiments_assignment" in sql for sql in asked)
    newcomer = Wish(str(uuid.uuid4()), str(experiment.id))
    assert assign([wishes[0], newcomer, wishes[2]])[::2] == first[::2]
    assert sum("experiments_assignment" in sql for sql in asked) == 1


@pytest.mark.django_db(transaction=True)
def test_assign_what_is_taken_back_is_not_known() -> None:
    experiment = ExperimentFactory()
    visitor = str(uuid.uuid4())
    with transaction.atomic():
        assign([Wish(visitor, str(experiment.id))])
        transaction.set_rollback(True)
    assert known.get(visitor, str(experiment.id)) is None
