from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from experiments.models import Experiment
from experiments.services import update_experiment
from experiments.tests.factories import ExperimentFactory


@pytest.mark.django_db(transaction=True)
def test_update_of_two_running_experiments_at_once_never_deadlocks() -> None:
    made = [ExperimentFactory(), ExperimentFactory()]
    barrier = threading.Barrier(len(made))

    def rename(experiment: Experiment) -> None:
        try:
            for turn in range(20):
                barrier.wait(timeout=10)
                update_experiment(experiment_id=experiment.id, name=f"Turn {turn}")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(made)) as pool:
        list(pool.map(rename, made))
    assert set(Experiment.objects.values_list("name", flat=True)) == {"Turn 19"}
