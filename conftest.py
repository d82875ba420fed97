"""What every test shares: the embedded database, and a process that remembers nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

# The same examples in every run: what fails here fails everywhere. Deadlines would measure the
# machine's other work. To search further: HYPOTHESIS_PROFILE=search.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=2000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_configure(config: pytest.Config) -> None:
    if not os.environ.get("DATABASE_URL"):
        from config import embedded

        embedded.start_for_tests()


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """Empty the database after tests that commit by deleting what they left (see the module)."""
    from django.test import TransactionTestCase

    from tests.emptying import empty_database

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_database)
        yield


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    """Forget the snapshot, assignments and the limits' counts, as a process just started would."""
    from django.core.cache import cache

    from experiments.keeper import keeper
    from experiments.known import known

    cache.clear()
    keeper.forget()
    known.forget()
    yield
    keeper.stop()
    keeper.forget()
