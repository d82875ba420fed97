"""Addresses are kept once each, whatever their case, also by many at once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from metrics.leads import add_lead, leads_newest_first
from metrics.models import Lead


@pytest.mark.django_db
def test_leads_are_unique_in_whatever_case_and_newest_first() -> None:
    for email in ("b@x.example", "A@x.example", "a@X.example", "c@x.example"):
        add_lead(email=email)
    assert [lead.email for lead in leads_newest_first()] == [
        "c@x.example",
        "A@x.example",
        "b@x.example",
    ]


@pytest.mark.django_db(transaction=True)
def test_lead_added_by_many_at_once_is_one_row() -> None:
    errors: list[Exception] = []

    def add() -> None:
        try:
            add_lead(email="a@x.example")
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Lead.objects.count() == 1
