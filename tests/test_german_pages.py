"""Every page of the dashboard in German: nothing of it stays English, and no drawing changes."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from catalog import keeping
from catalog.unmarked import SPOKEN_ATTRIBUTES
from django.test import Client

from experiments.models import Experiment
from experiments.tests.factories import make_editor
from tests.e2e.every_page import GUEST_PAGES, STAFF_PAGES, fill, path_of

pytestmark = pytest.mark.django_db

# What computers read, and what therefore is the same in every language. Ids may be random.
LITERAL = {
    *("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "dx", "dy", "width", "height", "viewbox"),
    *("points", "d", "transform", "min", "max", "step", "maxlength", "data-moment"),
}
FIELDS = {"input", "option", "progress", "meter"}
# What the pages are filled with: names, values of metadata, and the landing page's own texts.
DATA = {"control", "phone", "conversion", "Home", "Features", "How it works"}


# Pages with drawings, or fields that hold numbers.
WITH_NUMBERS = [
    f"dashboard:{name}"
    for name in (
        *("home", "experiment-list", "experiment-detail", "experiment-plan", "experiment-edit"),
        *("simulate", "toggle-edit", "history", "chart-svg", "chart-csv", "lead-export"),
    )
]


class Page(HTMLParser):
    """What a page says, and what stands in it for computers."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.language = ""
        self.said: set[str] = set()
        self.literal: Counter[tuple[str, str, str]] = Counter()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given["lang"]
        for name, value in given.items():
            is_value = name == "value" and tag in FIELDS and given.get("type") != "hidden"
            if name in LITERAL or is_value:
                self.literal[tag, name, value] += 1
            if name in SPOKEN_ATTRIBUTES:
                self._hear(value)

    def handle_data(self, data: str) -> None:
        self._hear(data)

    def _hear(self, text: str) -> None:
        self.said.add(" ".join(text.split()))


def english_only() -> set[str]:
    """Return whole English texts for which German says something else."""
    found = set()
    for message in keeping.read("de"):
        if isinstance(message.id, str) and message.id and message.id != message.string:
            found.add(" ".join(message.id.replace("%%", "%").split()))
        elif isinstance(message.id, tuple):
            found |= set(message.id) - set(message.string or ())
    german = {str(message.string) for message in keeping.read("de")}
    # Half sentences, such as “is”, and words that both languages have.
    return {text for text in found - german - DATA if re.search(r"[A-Za-z]{3}", text)}


def answered(client: Client, path: str, language: str) -> Any:
    client.cookies["language"] = language
    response: Any = client.get(path, follow=True)
    assert response.status_code in (200, 410), path
    return response


@pytest.fixture
def busy() -> Experiment:
    return fill()


def test_no_page_says_anything_in_english_to_a_german_reader(busy: Experiment) -> None:
    client, guest, english = Client(), Client(), english_only()
    client.force_login(make_editor(username="editor"))
    left = {}
    for name in [*STAFF_PAGES, *GUEST_PAGES]:
        if name.endswith(("-export", "-download")):
            continue
        path = path_of(name, busy)
        response = answered(guest if name in GUEST_PAGES else client, path, "de")
        if not response["Content-Type"].startswith("text/html"):
            continue
        page = Page(response.content.decode())
        assert page.language == "de", name
        if said := page.said & english:
            left[name] = sorted(said)
    assert left == {}


def test_drawings_and_fields_are_the_same_in_both_languages(busy: Experiment) -> None:
    client = Client()
    client.force_login(make_editor(username="editor"))
    for name in WITH_NUMBERS:
        path = path_of(name, busy)
        pages: list[object] = []
        for language in ("en", "de"):
            response = answered(client, path, language)
            body = b"".join(response).decode()
            is_drawn = response["Content-Type"].startswith(("text/html", "image/svg"))
            pages.append(Page(body).literal if is_drawn else body)
        assert pages[0] == pages[1], name
