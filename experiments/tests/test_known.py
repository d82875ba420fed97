from __future__ import annotations

import uuid

import pytest
from django.db import connection, transaction

from experiments import statements, store
from experiments.assignment import Wish, assign
from experiments.keeper import keeper
from experiments.known import Known, Standing, Standings, known
from experiments.snapshot import VariantView
from experiments.tests.factories import ExperimentFactory


def test_known_is_what_was_remembered_for_that_visitor_and_experiment() -> None:
    some = Standings()
    some.remember("visitor", "experiment", "variant", 2)
    assert some.get("visitor", "experiment") == Standing("variant", 2)
    assert some.get("visitor", "another") is None
    assert some.get("another", "experiment") is None


def test_what_a_visitor_did_first_adds_up() -> None:
    some = Standings()
    some.remember("visitor", "experiment", "variant", 1, frozenset({"exposure"}))
    some.remember("visitor", "experiment", "variant", 1, frozenset({"click"}))
    some.remember("visitor", "experiment", "variant", 1)
    assert some.get("visitor", "experiment") == Standing(
        "variant", 1, frozenset({"exposure", "click"})
    )


def test_known_is_bounded_and_keeps_what_is_asked_for() -> None:
    some = Standings(most=10)
    for n in range(1000):
        some.remember(f"{n}", "experiment", "variant", 1)
        assert some.get("0", "experiment") is not None
    assert sum(some.get(f"{n}", "experiment") is not None for n in range(1000)) <= 20
    assert some.get("999", "experiment") is not None


def test_under_a_new_configuration_only_assignments_are_known() -> None:
    some = Known()
    old = some.under(5)
    old.remember("visitor", "experiment", "variant", 2, frozenset({"exposure"}))
    assert some.under(5) is old
    new = some.under(6)
    assert new.get("visitor", "experiment") == Standing("variant", 2)
    assert some.under(8).get("visitor", "experiment") == Standing("variant", 2)
    # Who is late neither reads nor writes what the others know.
    late = some.under(7)
    assert late.get("visitor", "experiment") is None
    late.remember("another", "experiment", "variant", 1)
    assert some.under(8) is some.latest
    assert some.latest.get("another", "experiment") is None
    some.forget()
    assert some.latest.get("visitor", "experiment") is None
    # Another server may be behind the one before.
    assert some.under(3) is some.latest


def standing_of(wish: Wish) -> Standing | None:
    return known.under(keeper.current().version).get(wish.visitor_id, wish.experiment_id)


@pytest.mark.django_db(transaction=True)
def test_assign_visitor_that_is_known_needs_no_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = ExperimentFactory()
    wishes = [Wish(str(uuid.uuid4()), str(experiment.id)) for _ in range(3)]
    first = assign(wishes)
    assert all(isinstance(outcome, VariantView) for outcome in first)
    asked: list[str] = []
    run = statements.run

    def run_and_note(sql: str, params: dict[str, object]) -> object:
        asked.append(sql)
        return run(sql, params)

    monkeypatch.setattr(statements, "run", run_and_note)
    assert assign(wishes) == first
    assert not any("experiments_assignment" in sql for sql in asked)
    newcomer = Wish(str(uuid.uuid4()), str(experiment.id))
    assert assign([wishes[0], newcomer, wishes[2]])[::2] == first[::2]
    assert sum("experiments_assignment" in sql for sql in asked) == 1


@pytest.mark.django_db(transaction=True)
def test_assign_what_is_taken_back_is_not_known() -> None:
    wish = Wish(str(uuid.uuid4()), str(ExperimentFactory().id))
    with transaction.atomic():
        assign([wish])
        transaction.set_rollback(True)
    assert standing_of(wish) is None


@pytest.mark.django_db(transaction=True)
def test_what_was_known_is_forgotten_with_the_connection() -> None:
    wish = Wish(str(uuid.uuid4()), str(ExperimentFactory().id))
    assign([wish])
    assert standing_of(wish) is not None
    # The server behind the next one may have been restored from yesterday.
    connection.close()
    store.config_version()
    assert standing_of(wish) is None
