"""Words that are explained: each that a page asks for is there, and said in two sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from dashboard.glossary import GLOSSARY, Entry

ASKED = re.compile(r'{% term "([^"]+)"')
TEMPLATES = (Path(settings.BASE_DIR) / "templates").rglob("*.html")


def rendered(arguments: str, **context: object) -> str:
    return Template(f"{{% load terms %}}{{% term {arguments} %}}").render(Context(context))


@pytest.mark.parametrize("path", sorted(TEMPLATES), ids=lambda path: path.name)
def test_terms_of_a_template_are_in_the_glossary(path: Path) -> None:
    assert set(ASKED.findall(path.read_text())) <= GLOSSARY.keys()


@pytest.mark.parametrize("entry", GLOSSARY.values(), ids=list(GLOSSARY))
@pytest.mark.parametrize("language", ["en", "de"])
def test_explanation_is_short_and_in_sentences(entry: Entry, language: str) -> None:
    with translation.override(language):
        text = translation.gettext(entry.text)
    assert text.endswith(".")
    assert len(text) <= 240
    assert len(re.findall(r"[.:?](?= [A-ZÄÖÜ])", text)) <= 2


def test_term_shows_its_word_and_carries_its_explanation() -> None:
    shown = rendered('"lift"')
    assert ">lift</button>" in shown
    assert shown == shown.strip()
    assert "relative to it" in shown
    (name,) = re.findall(r'popovertarget="([^"]+)"', shown)
    assert f'id="{name}"' in shown


def test_term_takes_another_form_of_the_word_as_text() -> None:
    assert ">&lt;Lifts&gt;</button>" in rendered('"lift" word', word="<Lifts>")


def test_same_term_twice_has_two_ids() -> None:
    assert len(set(re.findall(r'id="(term-[^"]+)"', rendered('"lift"') + rendered('"lift"')))) == 2


def test_unknown_term_is_an_error() -> None:
    with pytest.raises(KeyError):
        rendered('"flux"')
