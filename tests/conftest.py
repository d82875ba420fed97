from __future__ import annotations

import pytest

from experiments.tests.factories import make_token
from tests.api_client import ApiClient


@pytest.fixture
def staff(db: None) -> ApiClient:
    """A client of the API with a token."""
    return ApiClient(make_token()[1])
