from __future__ import annotations

from collections.abc import Iterator

import pytest

from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from tests.site import Site


@pytest.fixture
def experiment(transactional_db: None, request: pytest.FixtureRequest) -> Experiment:
    """A running experiment; a test may give the split as an indirect parameter."""
    made: Experiment = ExperimentFactory.create(split=getattr(request, "param", [50, 50]))
    return made


@pytest.fixture(scope="module")
def shared_site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.stop()


@pytest.fixture
def site(shared_site: Site, transactional_db: None) -> Site:
    """The running product; whatever the test makes in the database, the site sees."""
    return shared_site
