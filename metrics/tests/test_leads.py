"""Addresses are kept once each, whatever their case, also by many at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from metrics import leads
from metrics.leads import add_lead, leads_newest_first
from metrics.models import Lead

NOW = datetime(2026, 3, 5, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.django_db
def test_leads_are_unique_in_whatever_case_and_newest_first() -> None:
    for email in ("b@x.example", "A@x.example", "a@X.example", "c@x.example"):
        add_lead(email=email)
    assert [lead.email for lead in leads_newest_first()] == [
        "c@x.example",
        "A@x.example",
        "b@x.example",
    ]


def walk(part: str = "") -> list[list[str]]:
    """Return the addresses of all pages, from the newest to the oldest."""
    page = leads.page_of_leads(part=part)
    pages = [page]
    while page.older:
        page = leads.page_of_leads(part=part, before=page.older)
        pages.append(page)
    return [[lead.email for lead in page.leads] for page in pages]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leads, "PAGE_SIZE", 3)


@pytest.mark.django_db
def test_pages_hold_every_lead_once_also_where_many_came_at_one_moment(small_pages: None) -> None:
    moments = [NOW] * 5 + [NOW - timedelta(microseconds=1)] * 4 + [NOW + timedelta(days=1)]
    for number, moment in enumerate(moments):
        Lead.objects.create(email=f"{number}@x.example", created_at=moment)
    pages = walk()
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert [email[0] for page in pages for email in page] == list("9432108765")


@pytest.mark.django_db
def test_pages_lead_back_the_way_they_came(small_pages: None) -> None:
    for number in range(8):
        add_lead(email=f"{number}@x.example")
    first = leads.page_of_leads()
    second = leads.page_of_leads(before=first.older)
    third = leads.page_of_leads(before=second.older)
    assert [bool(page.newer) for page in (first, second, third)] == [False, True, True]
    assert not third.older
    assert leads.page_of_leads(after=third.newer).leads == second.leads
    assert leads.page_of_leads(after=second.newer) == first


@pytest.mark.django_db
def test_page_stays_where_it_is_while_others_sign_up(small_pages: None) -> None:
    for number in range(5):
        add_lead(email=f"{number}@x.example")
    older = leads.page_of_leads().older
    before = leads.page_of_leads(before=older).leads
    add_lead(email="later@x.example")
    assert leads.page_of_leads(before=older).leads == before


@pytest.mark.django_db
def test_page_beyond_the_last_lead_is_empty_and_no_error() -> None:
    add_lead(email="a@x.example")
    assert leads.page_of_leads(before="1-1") == leads.LeadPage([])


@pytest.mark.django_db
def test_leads_are_deleted_by_a_part_and_their_number_or_not_at_all() -> None:
    for email in ("ada@x.example", "Adam@x.example", "bea@x.example"):
        add_lead(email=email)
    with pytest.raises(leads.OtherNumber) as raised:
        leads.delete_leads(part="ada", expected=1)
    assert raised.value.number == 2
    with pytest.raises(ValueError, match="part of the address"):
        leads.delete_leads(part="", expected=3)
    assert Lead.objects.count() == 3
    leads.delete_leads(part="ada", expected=2)
    assert [lead.email for lead in Lead.objects.all()] == ["bea@x.example"]


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
