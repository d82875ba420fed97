"""Leads: listed, searched, exported, and forgotten for whoever asks for that."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.exports import harmless
from dashboard.tests.browser import HTMX, messages_in, path_of, post_part
from metrics.leads import PAGE_SIZE
from metrics.models import Lead

pytestmark = pytest.mark.django_db


def add(*names: str) -> None:
    for name in names:
        Lead.objects.create(email=f"{name}@example.org")


def add_many(number: int) -> None:
    Lead.objects.bulk_create(Lead(email=f"person-{n}@example.org") for n in range(number))


def listed(client: Client, **query: Any) -> list[str]:
    page = client.get(path_of("lead-list"), query).content.decode()
    return re.findall(r'<th role="rowheader" scope="row">([^<@]+)@example\.org', page)


def exported(client: Client, **query: Any) -> list[list[str]]:
    response: Any = client.get(path_of("lead-export"), query)
    assert response.streaming
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_leads_are_listed_newest_first_with_marks_to_the_next_pages(viewer: Client) -> None:
    add_many(2 * PAGE_SIZE + 10)
    path: str | None = path_of("lead-list")
    seen: list[str] = []
    while path:
        page = viewer.get(path).content.decode()
        assert "<strong>110</strong> leads, newest first" in page
        seen += re.findall(r'scope="row">person-(\d+)@', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        newer = re.search(r'rel="prev" href="([^"]+)"', page)
        assert bool(newer) == (len(seen) > PAGE_SIZE)
        path = path_of("lead-list") + html.unescape(older[1]) if older else None
    assert seen == [str(n) for n in reversed(range(110))]


def test_no_leads_say_so(editor: Client) -> None:
    page = editor.get(path_of("lead-list")).content.decode()
    assert "No leads yet" in page
    assert "Export" not in page
    assert 'role="search"' not in page


def test_search_finds_a_part_in_whatever_case_and_nothing_by_wildcards(viewer: Client) -> None:
    add("ada.byron", "ADA", "bea", "a_c", "abc")
    assert listed(viewer, q="ada") == ["ADA", "ada.byron"]
    assert listed(viewer, q=" Ada.B ") == ["ada.byron"]
    assert listed(viewer, q="a_c") == ["a_c"]
    assert listed(viewer, q="%") == []
    page = viewer.get(path_of("lead-list"), {"q": "ada"}).content.decode()
    assert "<strong>2</strong> of 5 with “ada”" in page


def test_search_without_a_find_says_so_and_leads_back(editor: Client) -> None:
    add("ada")
    page = editor.get(path_of("lead-list"), {"q": "<zoe>"}).content.decode()
    assert "No address has this in it" in page
    assert 'value="&lt;zoe&gt;"' in page
    assert "Export" not in page


def test_search_keeps_to_its_pages(editor: Client) -> None:
    add_many(PAGE_SIZE + 1)
    add("somebody")
    page = editor.get(path_of("lead-list"), {"q": "PERSON-"}).content.decode()
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older
    assert "q=PERSON-&amp;before=" in older[1]
    last = editor.get(path_of("lead-list") + html.unescape(older[1])).content.decode()
    assert re.findall(r'scope="row">([^<]+)</th>', last) == ["person-0@example.org"]


@pytest.mark.parametrize(
    "query",
    [
        {"before": "x"},
        {"before": "9" * 5000 + "-1"},
        {"after": "1--1"},
        {"before": "99999999999999999-999999999999999999"},
        {"q": "\x00"},
        {"q": "x" * 9000},
        {"page": "2"},
    ],
)
def test_query_that_makes_no_sense_is_no_error(editor: Client, query: dict[str, str]) -> None:
    add("ada")
    assert editor.get(path_of("lead-list"), query).status_code == 200
    assert editor.get(path_of("lead-export"), query).status_code == 200


def test_part_of_the_page_comes_without_the_search_field(viewer: Client) -> None:
    add("ada")
    response: Any = viewer.get(path_of("lead-list"), {"q": "a"}, headers=HTMX)
    page = response.content.decode()
    assert page.lstrip().startswith('<div id="leads"')
    assert 'type="search"' not in page
    assert response["Cache-Control"] == "no-store"


def test_viewer_sees_leads_and_no_buttons(viewer: Client) -> None:
    add("ada")
    page = viewer.get(path_of("lead-list"), {"q": "ada"}).content.decode()
    assert "ada@example.org" in page
    assert "Export" not in page
    assert "Delete" not in page


def test_list_takes_as_many_queries_for_one_lead_as_for_many(editor: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as sent:
            editor.get(path_of("lead-list"), {"q": "person"})
        return len(sent)

    add("person")
    # The first page of a session also renews its mark.
    queries()
    for_one = queries()
    add_many(PAGE_SIZE)
    assert queries() == for_one


def test_export_streams_all_leads_as_csv(editor: Client) -> None:
    add_many(2100)
    response: Any = editor.get(path_of("lead-export"))
    assert re.fullmatch(
        r'attachment; filename="leads-\d{4}-\d\d-\d\d\.csv"', response["Content-Disposition"]
    )
    rows = exported(editor)
    assert rows[0] == ["email", "signed_up_at"]
    assert {row[0] for row in rows[1:]} == {f"person-{n}@example.org" for n in range(2100)}


def test_export_of_a_search_holds_what_the_search_finds(editor: Client) -> None:
    add("ada+1", "bea", "ada+2")
    page = editor.get(path_of("lead-list"), {"q": "ada+"}).content.decode()
    link = re.search(r'href="([^"]+)" download', page)
    assert link
    response: Any = editor.get(html.unescape(link[1]))
    rows = b"".join(response.streaming_content).decode().splitlines()[1:]
    assert [row.partition("@")[0] for row in rows] == ["ada+2", "ada+1"]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1@example.org", "'=1+1@example.org"),
        ("+1@example.org", "'+1@example.org"),
        ("-1@example.org", "'-1@example.org"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("plain@example.org", "plain@example.org"),
        ("", ""),
    ],
)
def test_cell_that_a_spreadsheet_would_calculate_becomes_text(cell: str, written: str) -> None:
    assert harmless(cell) == written


def test_export_defuses_formulas_in_addresses(editor: Client) -> None:
    add("=cmd")
    assert exported(editor)[1][0] == "'=cmd@example.org"


def test_one_lead_is_deleted_and_the_search_stays(editor: Client) -> None:
    add("ada", "adam")
    lead = Lead.objects.get(email="ada@example.org")
    response = post_part(editor, path_of("lead-delete", lead.pk), {"q": "ad"})
    assert response["HX-Redirect"] == path_of("lead-list") + "?q=ad"
    assert messages_in(editor.get(response["HX-Redirect"])) == ["ada@example.org is deleted."]
    assert listed(editor) == ["adam"]


def test_lead_deleted_meanwhile_is_not_found(editor: Client) -> None:
    assert editor.post(path_of("lead-delete", 1)).status_code == 404


def test_all_that_a_search_finds_are_deleted_once_their_number_is_confirmed(
    editor: Client,
) -> None:
    add("ada", "adam", "bea")
    page = editor.get(path_of("lead-list"), {"q": "ADA"}).content.decode()
    assert "Delete 2 addresses with “ADA”?" in page
    assert '<input type="hidden" name="expected" value="2">' in page
    response = editor.post(path_of("lead-delete-found"), {"q": "ADA", "expected": "2"})
    assert messages_in(response) == ["Deleted: 2 with “ADA”."]
    assert listed(editor) == ["bea"]


def test_other_number_than_was_confirmed_deletes_nothing(editor: Client) -> None:
    add("ada", "adam", "adele")
    response = editor.post(path_of("lead-delete-found"), {"q": "ada", "expected": "1"})
    assert messages_in(response) == [
        "Nothing was deleted: “ada” finds 2 addresses now, and not 1. Look again."
    ]
    assert Lead.objects.count() == 3


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"q": "", "expected": "1"},
        {"q": "  ", "expected": "1"},
        {"q": "ada"},
        {"q": "ada", "expected": "-1"},
        {"q": "ada", "expected": "all"},
    ],
)
def test_deletion_without_a_search_or_a_number_deletes_nothing(
    editor: Client, sent: dict[str, str]
) -> None:
    add("ada")
    response = editor.post(path_of("lead-delete-found"), sent)
    assert "Search for a part of the address first" in messages_in(response)[0]
    assert Lead.objects.count() == 1
