from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client

from experiments import selectors
from experiments.tests.factories import make_editor


@pytest.mark.django_db
def test_dashboard_without_its_database_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.force_login(make_editor())

    def unavailable() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(selectors, "toggles_by_key", unavailable)
    response = client.get("/dashboard/toggles/")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "The database is not available" in response.content.decode()
