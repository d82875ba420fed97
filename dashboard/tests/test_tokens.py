"""API tokens: shown once, revoked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from dashboard.tests.browser import messages_in, path_of, post_part
from experiments.models import ApiToken
from experiments.tests.factories import make_token
from experiments.tokens import token_for

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
