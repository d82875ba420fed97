"""API tokens, shown once; and the leads with their export."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client

from dashboard.exports import harmless
from dashboard.tests.browser import messages_in, path_of, post_part
from experiments.models import ApiToken
from experiments.tests.factories import make_token
from experiments.tokens import token_for
from metrics.models import Lead

pytestmark = pytest.mark.django_db


def test_new_token_is_shown_once_and_works(editor: Client) -> None:
    response: Any = editor.post(path_of("token-create"), {"name": "Marketing site"})
    found = re.search(r'<code id="new-token">(ps_[^<]+)</code>', response.content.decode())
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert found
    token = token_for(found[1])
    assert token is not None
    assert token.created_by is not None
    assert (token.name, token.created_by.get_username()) == ("Marketing site", "editor")
    page = editor.get(path_of("token-list")).content.decode()
    assert found[1] not in page
    assert f"ps_{token.prefix}_…" in page


def test_new_token_by_htmx_comes_with_the_list(editor: Client) -> None:
    response = post_part(editor, path_of("token-create"), {"name": "Reports"})
    assert "<html" not in response.content.decode()
    assert 'id="new-token"' in response.content.decode()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Give the token a name"),
        ("test client", "A token of this name exists"),
        ("x" * 101, "at most 100 characters"),
    ],
)
def test_token_with_a_bad_name_is_refused_beside_the_field(
    editor: Client, name: str, sentence: str
) -> None:
    make_token()
    response: Any = editor.post(path_of("token-create"), {"name": name})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert ApiToken.objects.count() == 1


def test_revoked_token_stops_working_and_leaves_the_list(editor: Client) -> None:
    token, text = make_token()
    response: Any = editor.post(path_of("token-revoke", token.id))
    assert messages_in(response) == ["The token “test client” is revoked and no longer works."]
    assert token_for(text) is None
    assert "No program has access." in editor.get(path_of("token-list")).content.decode()
    assert editor.post(path_of("token-revoke", token.id)).status_code == 404


def test_leads_are_listed_newest_first_in_pages(editor: Client) -> None:
    Lead.objects.bulk_create(Lead(email=f"person-{n}@example.org") for n in range(60))
    first = editor.get(path_of("lead-list")).content.decode()
    assert "60 in all" in first
    assert "Page 1 of 2" in first
    last = editor.get(path_of("lead-list"), {"page": 2}).content.decode()
    assert last.count("@example.org") == 10
    # What isn't a page shows the nearest one.
    for page in ("0", "99", "x"):
        assert editor.get(path_of("lead-list"), {"page": page}).status_code == 200


def test_no_leads_say_so(editor: Client) -> None:
    page = editor.get(path_of("lead-list")).content.decode()
    assert "No leads yet" in page
    assert "Export" not in page


def test_export_streams_all_leads_as_csv(editor: Client) -> None:
    Lead.objects.bulk_create(Lead(email=f"person-{n}@example.org") for n in range(2100))
    response: Any = editor.get(path_of("lead-export"))
    assert response.streaming
    assert re.fullmatch(
        r'attachment; filename="leads-\d{4}-\d\d-\d\d\.csv"', response["Content-Disposition"]
    )
    text = b"".join(response.streaming_content).decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["email", "signed_up_at"]
    assert {row[0] for row in rows[1:]} == {f"person-{n}@example.org" for n in range(2100)}


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
    Lead.objects.create(email="=cmd@example.org")
    response: Any = editor.get(path_of("lead-export"))
    assert b"'=cmd@example.org" in b"".join(response.streaming_content)
