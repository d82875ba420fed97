"""What holds for every template: the policy forbids inline code, so none may need it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

TEMPLATES = sorted(
    path
    for folder in ("dashboard", "components")
    for path in (Path(settings.BASE_DIR) / "templates" / folder).rglob("*.html")
)
FORBIDDEN = {
    "style attribute": r"\sstyle\s*=",
    "style element": r"<style",
    "event handler": r"\son[a-z]+\s*=",
    "htmx handler": r"hx-on",
    "htmx expression": r'hx-(vals|headers)=["\']?js:',
    "inline script": r"<script(?![^>]*\ssrc=)",
    "other host": r"(src|href)=[\"']https?:",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
@pytest.mark.parametrize("name", FORBIDDEN)
def test_template_has_nothing_that_the_policy_forbids(path: Path, name: str) -> None:
    assert not re.search(FORBIDDEN[name], path.read_text(), re.IGNORECASE)


@pytest.mark.django_db
def test_page_carries_one_csrf_token_for_htmx_and_a_config_without_eval() -> None:
    response: Any = Client().get(reverse("dashboard:sign-in"))
    page = response.content.decode()
    config = re.search(r"<meta name=\"htmx-config\" content='([^']+)'>", page)
    headers = re.search(r"<body hx-headers='([^']+)'", page)
    assert config
    assert headers
    assert json.loads(config[1])["allowEval"] is False
    assert json.loads(config[1])["includeIndicatorStyles"] is False
    assert len(json.loads(headers[1])["X-CSRFToken"]) == 64
    assert page.count("hx-headers") == 1
