from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection

from experiments.assignment import Outcome, Wish, assign
from experiments.models import Assignment
from experiments.services import update_experiment
from experiments.snapshot import VariantView
from experiments.tests.factories import ExperimentFactory

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")


def at_once(times: int, act: Callable[[int], T]) -> list[T]:
    """Run `act` in as many threads, all let go at the same moment; each with its connection."""
    barrier = threading.Barrier(times)

    def one(n: int) -> T:
        barrier.wait(timeout=10)
        try:
            return act(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_assign_fifty_parallel_first_requests_leave_one_row_and_equal_answers() -> None:
    experiment = ExperimentFactory()
    wish = Wish(str(uuid.uuid4()), str(experiment.id))
    answers = at_once(50, lambda _n: assign([wish])[0])
    assert len(set(answers)) == 1
    assert isinstance(answers[0], VariantView)
    assert str(Assignment.objects.get().variant_id) == answers[0].id


def test_assign_while_the_split_flips_every_request_gets_what_is_stored() -> None:
    experiment = ExperimentFactory(split=[100, 0])
    visitors = [str(uuid.uuid4()) for _ in range(40)]

    def act(n: int) -> list[Outcome]:
        if n == 0:
            for split in ([0, 100], [100, 0]) * 10:
                update_experiment(experiment_id=experiment.id, traffic_split=split)
            return []
        return [assign([Wish(visitor, str(experiment.id))])[0] for visitor in visitors]

    first, *rest = [answers for answers in at_once(6, act) if answers]
    assert all(answers == first for answers in rest)
    stored = {str(a.visitor_id): str(a.variant_id) for a in Assignment.objects.all()}
    assert [stored[v] for v in visitors] == [o.id for o in first if isinstance(o, VariantView)]
