from __future__ import annotations

import pytest
from django.test import Client

from experiments.tests.factories import make_editor, make_viewer


@pytest.fixture
def editor(db: None) -> Client:
    """A browser in which an editor is signed in."""
    client = Client()
    client.force_login(make_editor(username="editor"))
    return client


@pytest.fixture
def viewer(db: None) -> Client:
    """A browser in which a viewer is signed in."""
    client = Client()
    client.force_login(make_viewer(username="viewer"))
    return client
