"""What an answer costs doesn't depend on how much there is to list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.models import Experiment, Variant
from experiments.pages import home_page
from experiments.tests.factories import ExperimentFactory, ToggleFactory, make_editor, make_token

pytestmark = pytest.mark.django_db


def with_token() -> Client:
    return Client(headers={"Authorization": f"Bearer {make_token()[1]}"})


def with_session() -> Client:
    client = Client()
    client.force_login(make_editor())
    return client


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def make_experiments(count: int) -> None:
    made = Experiment.objects.bulk_create(
        Experiment(name=f"Number {n}", page=home_page()) for n in range(count)
    )
    Variant.objects.bulk_create(
        Variant(experiment=experiment, position=position, name=f"v{position}", weight=50)
        for experiment in made
        for position in range(2)
    )


# The credential and what makes it good: a token's row; a session, its user and the user's groups.
@pytest.mark.parametrize(("client_of", "credential"), [(with_token, 1), (with_session, 3)])
def test_experiments_are_listed_by_two_queries_however_many(
    client_of: Callable[[], Client], credential: int
) -> None:
    client = client_of()
    ExperimentFactory()
    one = queries_of(client, "/api/experiments")
    make_experiments(199)
    assert queries_of(client, "/api/experiments") == one == credential + 2
    assert len(client.get("/api/experiments").json()) == 200


def test_experiment_is_shown_by_one_query_and_toggles_by_one() -> None:
    experiment = ExperimentFactory()
    assert queries_of(with_token(), f"/api/experiments/{experiment.id}") == 2
    ToggleFactory.create_batch(20)
    assert queries_of(Client(), "/api/toggles") == 1
